#include "sidecar/store/store.h"

#include <fcntl.h>
#include <sys/file.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <random>

#include "base/log.h"
#include "sidecar/store/schema.h"

namespace sidecar::store {
namespace {

using base::Error;
using base::ErrorCode;

// The file, made for its owner alone when it is missing: SQLite gives its -wal and -shm the same
// mode.
base::Result<base::Fd> Touch(const std::string& name) {
  base::Fd fd(open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) return base::ErrnoError(name, errno);
  return fd;
}

base::Result<base::Fd> Lock(const std::string& path) {
  auto fd = Touch(path + ".lock");
  if (!fd) return fd;
  if (flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorCode::kBusy, path + " is in use by another process"};
  }
  return fd;
}

base::Status QuickCheck(const Database& database) {
  Statement check = database.Prepare("PRAGMA quick_check(1)");
  if (!check.Next()) return check.status();
  if (check.Text(0) == "ok") return {};
  return Error{ErrorCode::kCorrupt, "quick_check: " + check.Text(0)};
}

base::Result<Database> OpenChecked(const std::string& path) {
  if (const auto made = Touch(path); !made) return made.error();
  auto database = Database::Open(path, Database::Mode::kWriter);
  if (!database) return database;
  if (const auto sound = QuickCheck(*database); !sound) return sound.error().Wrap(path);
  if (const auto migrated = Migrate(*database); !migrated) return migrated.error().Wrap(path);
  return database;
}

base::Status MoveAside(const std::string& path, base::WallMs now) {
  const std::string aside = path + ".corrupt-" + std::to_string(now);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const std::string from = path + suffix;
    if (std::rename(from.c_str(), (aside + suffix).c_str()) != 0 && errno != ENOENT) {
      return base::ErrnoError("moving " + from + " aside", errno);
    }
  }
  return {};
}

base::Result<Database> OpenWriter(const std::string& path, base::WallMs now) {
  auto database = OpenChecked(path);
  if (database || database.error().code != ErrorCode::kCorrupt) return database;
  base::log::Error("history_corrupt", {{"file", path}, {"error", database.error().message}});
  if (const auto moved = MoveAside(path, now); !moved) return moved.error();
  return OpenChecked(path);
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
    : lock_(std::move(lock)), writer_(std::move(writer)), reader_(std::move(reader)) {
  for (const ErrorCode code : {ErrorCode::kInvalid, ErrorCode::kDenied, ErrorCode::kFull,
                               ErrorCode::kBusy, ErrorCode::kCorrupt, ErrorCode::kIo}) {
    errors_[code] =
        &metrics->AddCounter("fraud_sidecar_store_errors_total", "failed accesses to the history",
                             {{"code", std::string(ErrorName(code))}});
  }
}

base::Result<std::unique_ptr<Store>> Store::Open(const std::string& path, const base::Clock& clock,
                                                 base::Metrics* metrics) {
  auto lock = Lock(path);
  if (!lock) return lock.error();
  auto writer = OpenWriter(path, clock.Now());
  if (!writer) return writer.error();
  auto instance = Instance(*writer);
  if (!instance) return instance.error().Wrap(path);
  auto reader = Database::Open(path, Database::Mode::kReader);
  if (!reader) return reader.error();
  std::unique_ptr<Store> store(
      new Store(std::move(*lock), std::move(*writer), std::move(*reader), metrics));
  store->instance_ = std::move(*instance);
  return store;
}

base::Status Store::Count(base::Status status) const {
  if (!status) {
    const auto counter = errors_.find(status.error().code);
    if (counter != errors_.end()) counter->second->Increment();
  }
  return status;
}

base::Status Store::Write(const Work& work) {
  const std::lock_guard lock(write_mutex_);
  ++newest_write_;
  Transaction transaction(writer_);
  if (!transaction.begun()) return Count(transaction.begun());
  if (auto done = work(writer_); !done) return Count(std::move(done));
  return Count(transaction.Commit());
}

base::Status Store::Read(const Work& work) const {
  const std::lock_guard lock(read_mutex_);
  return Count(work(reader_));
}

}  // namespace sidecar::store
