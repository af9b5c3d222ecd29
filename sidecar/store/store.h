#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/metrics.h"
#include "base/result.h"
#include "sidecar/store/database.h"

namespace sidecar::store {

using Work = std::function<base::Status(const Database&)>;

// The history file: one connection that writes, one that reads, a lock that keeps a second process
// out. Thread-safe; Work runs under a lock, so it does no other I/O.
class Store {
 public:
  // Makes the file when it is missing. A corrupt one is moved aside as FILE.corrupt-MILLISECONDS,
  // never deleted, and a new one begun (logged as an error).
  // Errors, each a sentence for the person who starts the program: kBusy another process has it,
  // kDenied, kFull, kIo.
  static base::Result<std::unique_ptr<Store>> Open(const std::string& path,
                                                   const base::Clock& clock,
                                                   base::Metrics* metrics);

  // All of `work` in one transaction, on disk when it returns ok, else nothing of it. Every error
  // but kNotFound is counted in fraud_sidecar_store_errors_total{code}.
  base::Status Write(const Work& work);
  // The number of the newest Write that was begun. Within Work, its own: as long as it stays the
  // same, nothing else was written.
  [[nodiscard]] std::int64_t newest_write() const { return newest_write_; }
  base::Status Read(const Work& work) const;

  // Random, made with the file: keys of messages from different files never meet.
  [[nodiscard]] const std::string& instance() const { return instance_; }

 private:
  Store(base::Fd lock, Database writer, Database reader, base::Metrics* metrics);
  base::Status Count(base::Status status) const;

  base::Fd lock_;
  mutable std::mutex write_mutex_;
  std::atomic<std::int64_t> newest_write_ = 0;
  Database writer_;
  mutable std::mutex read_mutex_;
  Database reader_;
  std::map<base::ErrorCode, base::Counter*> errors_;
  std::string instance_;
};

// 128 random bits in hexadecimal.
std::string RandomName();

}  // namespace sidecar::store
