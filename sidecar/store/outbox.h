#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "notifier/outbox.h"
#include "sidecar/store/store.h"

namespace sidecar::store {

// The state of one row, for whoever waits for it.
struct RowState {
  std::string state;
  std::string last_detail;  // of the newest try, "" before the first
};

// The outbox in the history file. A lease ends with its time or with the process that took it:
// only one process can hold the file, so another owner's claim has nobody behind it.
class SqliteOutbox final : public notifier::Outbox {
 public:
  // `owner` names this run of the process (RandomName).
  SqliteOutbox(Store* store, std::string owner) : store_(store), owner_(std::move(owner)) {}

  base::Result<std::optional<notifier::Claimed>> ClaimNext(std::string_view channel,
                                                           base::WallMs now,
                                                           base::Millis lease) override;
  base::Status Settle(const notifier::Claimed& claimed, const notifier::Settlement& settlement,
                      base::WallMs now) override;
  base::Status Release(const notifier::Claimed& claimed, base::WallMs due_at_ms,
                       base::WallMs now) override;

  // Waits until row `id` has had a try that ended, at most until `deadline` or StopWaiting; then
  // its state.
  base::Result<RowState> WaitForTry(std::int64_t id, base::SteadyTime deadline);
  void StopWaiting();  // for good

 private:
  // Known of a channel after a claim that found nothing: until that time, unless something is
  // written, another look is not worth a transaction.
  struct Quiet {
    std::int64_t write = 0;
    base::WallMs since_ms = 0;
    base::WallMs until_ms = 0;
  };
  bool IsQuiet(const std::string& channel, base::WallMs now);
  base::Status Claim(const Database& database, const std::string& channel, base::WallMs now,
                     base::Millis lease, std::optional<notifier::Claimed>* claimed);

  Store* store_;
  std::string owner_;
  std::mutex mutex_;
  std::map<std::string, Quiet> quiet_;
  std::condition_variable settled_;
  std::int64_t settlements_ = 0;
  bool stopped_ = false;
};

// For metrics: rows by state (every state is there, also with 0), and since when the oldest live
// row waits: from when it was made, or is first due while it was never claimed (it may be held for
// the sidecars before this one; so it can be later than now).
struct OutboxSummary {
  std::map<std::string, std::int64_t> rows;
  std::optional<base::WallMs> oldest_live_ms;
};
base::Result<OutboxSummary> SummariseOutbox(const Store& store);

}  // namespace sidecar::store
