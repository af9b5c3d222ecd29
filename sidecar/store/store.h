#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/metrics.h"
#include "base/result.h"
#include "sidecar/store/database.h"
#include "sidecar/store/files.h"
#include "sidecar/store/group.h"
#include "sidecar/store/recover.h"
#include "sidecar/store/salvage.h"

namespace sidecar::store {

// The history file: one connection that writes, one that reads, a lock that keeps a second process
// out. Thread-safe; Work runs while others wait for it, maybe on another's thread, so it does no
// other I/O and calls neither Write nor Read.
class Store {
 public:
  // Makes the file when it is missing. A corrupt one is moved aside as FILE.corrupt-MILLISECONDS,
  // never deleted, and what can be read of it goes into a new one (logged as an error).
  // Errors, each a sentence for the person who starts the program: kBusy another process has it,
  // kInvalid it is no history, kDenied, kFull, kIo.
  static base::Result<std::unique_ptr<Store>> Open(const std::string& path,
                                                   const base::Clock& clock,
                                                   base::Metrics* metrics);

  // All of `work` in one transaction, on disk when it returns ok, else nothing of it. Writes that
  // come together share the transaction, and the wait for the disk; a work that fails is undone
  // alone. Every error but kNotFound is counted in fraud_sidecar_store_errors_total{code}.
  // kIo also when the file's name, or that of its -wal, stands for another file by now, or for
  // none: what is stored there would be gone with the process.
  base::Status Write(const Work& work);
  // Rises with each transaction that changed rows, once it is on disk, and with each that was
  // undone. As long as it is what it was within Work, or before a Read, what was seen there holds:
  // nothing was written since, and nothing of it was undone.
  [[nodiscard]] std::int64_t newest_write() const { return writer_.newest(); }
  base::Status Read(const Work& work) const;

  // Why the newest write that had something to store could not, for the disk's sake; nullopt: it is
  // stored. As new as the last write: TryToWrite, called at intervals, makes it so.
  [[nodiscard]] std::optional<base::Error> trouble() const;
  // Stores that it was called.
  base::Status TryToWrite(base::WallMs now);

  // What a damaged file still had, when this start found one; empty: it did not.
  [[nodiscard]] const std::vector<SalvagedTable>& recovered() const { return recovered_; }
  // How many damaged files lie beside this one. Asks the folder.
  [[nodiscard]] int set_aside() const { return CountAside(path_); }

  // Random, made with the file: keys of messages from different files never meet.
  [[nodiscard]] const std::string& instance() const { return instance_; }

 private:
  Store(base::Fd lock, Database writer, Database reader, base::Metrics* metrics);
  base::Status Count(base::Status status) const;
  base::Status CheckFiles() const;

  base::Fd lock_;
  GroupWriter writer_;
  mutable std::mutex read_mutex_;
  Database reader_;
  std::map<base::ErrorCode, base::Counter*> errors_;
  std::string instance_;
  std::string path_;
  std::map<std::string, std::optional<FileId>> files_;  // by path, as they were opened
  std::vector<SalvagedTable> recovered_;
};

// 128 random bits in hexadecimal.
std::string RandomName();

}  // namespace sidecar::store
