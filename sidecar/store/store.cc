#include "sidecar/store/store.h"

#include <sys/file.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <random>

#include "sidecar/store/files.h"

namespace sidecar::store {
namespace {

using base::Error;
using base::ErrorCode;

base::Result<base::Fd> Lock(const std::string& path) {
  auto fd = Touch(path + ".lock");
  if (!fd) return fd;
  if (flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorCode::kBusy, path + " is in use by another process"};
  }
  return fd;
}

base::Result<std::string> Instance(const Database& database) {
  auto insert = database.Prepare("INSERT OR IGNORE INTO meta VALUES ('instance', ?)");
  if (const auto done = insert.Bind(RandomName()).Run(); !done) return done.error();
  auto query = database.Prepare("SELECT value FROM meta WHERE name = 'instance'");
  if (query.Next()) return query.Text(0);
  return Error{ErrorCode::kCorrupt, "database: no instance name"};
}

}  // namespace

std::string RandomName() {
  std::random_device device;
  std::array<char, 33> text{};
  (void)std::snprintf(text.data(), text.size(), "%08x%08x%08x%08x", device(), device(), device(),
                      device());
  return text.data();
}

Store::Store(base::Fd lock, Database writer, Database reader, base::Metrics* metrics)
    : lock_(std::move(lock)), writer_(std::move(writer), metrics), reader_(std::move(reader)) {
  for (const ErrorCode code : {ErrorCode::kInvalid, ErrorCode::kDenied, ErrorCode::kFull,
                               ErrorCode::kBusy, ErrorCode::kCorrupt, ErrorCode::kIo}) {
    errors_[code] =
        &metrics->AddCounter("fraud_sidecar_store_errors_total", "failed accesses to the history",
                             {{"code", std::string(ErrorName(code))}});
  }
}

base::Result<std::unique_ptr<Store>> Store::Open(const std::string& path, const base::Clock& clock,
                                                 base::Metrics* metrics) {
  if (const auto ours = CheckIsHistory(path); !ours) return ours.error();
  auto lock = Lock(path);
  if (!lock) return lock.error();
  std::vector<SalvagedTable> recovered;
  auto writer = OpenOrRecover(path, clock.Now(), &recovered);
  if (!writer) return writer.error();
  auto instance = Instance(*writer);
  if (!instance) return instance.error().Wrap(path);
  auto reader = Database::Open(path, Database::Mode::kReader);
  if (!reader) return reader.error();
  std::unique_ptr<Store> store(
      new Store(std::move(*lock), std::move(*writer), std::move(*reader), metrics));
  store->instance_ = std::move(*instance);
  store->path_ = path;
  for (const std::string& file : {path, path + "-wal"}) store->files_[file] = IdOf(file);
  store->recovered_ = std::move(recovered);
  return store;
}

base::Status Store::Count(base::Status status) const {
  if (!status) {
    const auto counter = errors_.find(status.error().code);
    if (counter != errors_.end()) counter->second->Increment();
  }
  return status;
}

base::Status Store::CheckFiles() const {
  for (const auto& [file, id] : files_) {
    if (id && IdOf(file) != id) {
      return Error{ErrorCode::kIo,
                   file + " was removed or replaced while it is in use: restart the sidecar"};
    }
  }
  return {};
}

base::Status Store::Write(const Work& work) {
  const auto there = CheckFiles();
  return Count(there ? writer_.Write(work) : there);
}

std::optional<base::Error> Store::trouble() const {
  if (const auto there = CheckFiles(); !there) return there.error();
  return writer_.trouble();
}

base::Status Store::TryToWrite(base::WallMs now) {
  return Write([now](const Database& database) {
    return database.Prepare("INSERT OR REPLACE INTO meta VALUES ('written_at_ms', ?)")
        .Bind(std::to_string(now))
        .Run();
  });
}

base::Status Store::Read(const Work& work) const {
  const std::lock_guard lock(read_mutex_);
  return Count(work(reader_));
}

}  // namespace sidecar::store
