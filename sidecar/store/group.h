#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "sidecar/store/database.h"

namespace sidecar::store {

using Work = std::function<base::Status(const Database&)>;

// Writes that come at the same time share one transaction, so one wait for the disk. The thread
// whose write is the oldest leads: it runs the works of all that wait, in the order in which they
// came, commits once, and tells each caller how it went. Nobody waits for company: what comes while
// one group is committed is the next group. Thread-safe.
class GroupWriter {
 public:
  static constexpr std::size_t kMaxGroup = 256;

  // Counts transactions that changed rows in fraud_sidecar_store_commits_total.
  GroupWriter(Database database, base::Metrics* metrics);

  // The contract is Store::Write's.
  base::Status Write(const Work& work);
  [[nodiscard]] std::int64_t newest() const { return newest_; }
  // Writes that were begun and not answered yet.
  [[nodiscard]] std::size_t waiting() const;
  // Why the newest write that had something to store could not: the disk, not the work. nullopt: it
  // is stored.
  [[nodiscard]] std::optional<base::Error> trouble() const;

 private:
  struct Caller {
    const Work& work;
    base::Status status = {};
    bool done = false;
    std::condition_variable turn = {};
  };
  using Group = std::vector<Caller*>;

  void Lead(std::unique_lock<std::mutex>* lock);
  void Commit(const Group& group);
  base::Status RunAll(const Group& group);
  base::Status RunOne(Caller* caller, bool alone);
  void NoteTrouble(std::optional<base::Error> trouble);

  Database database_;  // the leader's
  base::Counter* commits_;
  std::atomic<std::int64_t> newest_ = 0;
  mutable std::mutex mutex_;
  std::deque<Caller*> callers_;  // the first one leads; no longer than there are threads
  std::optional<base::Error> trouble_;
};

}  // namespace sidecar::store
