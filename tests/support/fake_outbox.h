#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "notifier/outbox.h"

namespace support {

// An outbox in memory that keeps the contract of tests/notifier/outbox_contract.h.
class FakeOutbox final : public notifier::Outbox {
 public:
  using State = notifier::State;
  using Outcome = notifier::Outcome;

  base::Result<std::optional<notifier::Claimed>> ClaimNext(std::string_view channel,
                                                           base::WallMs now,
                                                           base::Millis lease) override {
    const std::lock_guard lock(mutex_);
    if (claim_error) return *claim_error;
    for (auto& [id, row] : rows_) Expire(channel, now, &row);
    const long long id = NextOf(channel, now);
    if (id == 0) return std::optional<notifier::Claimed>();
    Row& row = rows_.at(id);
    row.state = State::kSending;
    row.lease_until_ms = now + lease.count();
    row.owner = owner_;
    last_lease = lease;
    return std::optional(notifier::Claimed{.id = id,
                                           .attempt = {.number = ++row.attempts,
                                                       .possible_repeat = row.possible_repeat,
                                                       .reply_to = FirstAccepted(row)},
                                           .message = row.message});
  }

  base::Status Settle(const notifier::Claimed& claimed, const notifier::Settlement& settlement,
                      base::WallMs now) override {
    const std::lock_guard lock(mutex_);
    if (settle_error) return *settle_error;
    Row& row = rows_.at(claimed.id);
    row.tries.emplace_back(claimed.attempt.number, settlement.result.outcome);
    if (row.state != State::kSending || row.attempts != claimed.attempt.number) {
      return base::Error{base::ErrorCode::kNotFound, "no longer this claim's"};
    }
    row.state = settlement.state;
    row.due_at_ms = settlement.due_at_ms;
    row.settled_at_ms = now;
    row.possible_repeat |= settlement.state == State::kAmbiguous;
    if (settlement.state == State::kDelivered) row.provider_id = settlement.result.provider_id;
    return {};
  }

  long long Add(const notifier::Message& message) {
    const std::lock_guard lock(mutex_);
    const long long id = static_cast<long long>(rows_.size()) + 1;
    rows_[id] = {.message = message, .due_at_ms = message.created_at_ms};
    return id;
  }
  State StateOf(long long id) {
    const std::lock_guard lock(mutex_);
    return rows_.at(id).state;
  }
  base::WallMs DueOf(long long id) {
    const std::lock_guard lock(mutex_);
    return rows_.at(id).due_at_ms;
  }
  std::vector<std::pair<int, Outcome>> AttemptsOf(long long id) {
    const std::lock_guard lock(mutex_);
    return rows_.at(id).tries;
  }
  void Restart() {  // another process owns the claims from now on
    const std::lock_guard lock(mutex_);
    ++owner_;
  }

  // For tests of what uses an outbox: while set, the call fails and changes nothing.
  std::optional<base::Error> claim_error;
  std::optional<base::Error> settle_error;
  base::Millis last_lease{0};

 private:
  struct Row {
    notifier::Message message;
    State state = State::kPending;
    base::WallMs due_at_ms = 0;
    base::WallMs settled_at_ms = 0;
    int attempts = 0;
    bool possible_repeat = false;
    base::WallMs lease_until_ms = 0;
    int owner = 0;
    std::string provider_id = {};
    std::vector<std::pair<int, Outcome>> tries = {};
  };

  static bool Live(const Row& row) {
    return row.state == State::kPending || row.state == State::kSending ||
           row.state == State::kRetrying || row.state == State::kAmbiguous;
  }
  static bool Due(const Row& row, base::WallMs now) {
    return row.state == State::kPending || row.due_at_ms <= now || row.settled_at_ms > now;
  }
  void Expire(std::string_view channel, base::WallMs now, Row* row) const {
    const bool lost = row->lease_until_ms <= now || row->owner != owner_;
    if (row->message.channel != channel || row->state != State::kSending || !lost) return;
    row->state = State::kAmbiguous;
    row->possible_repeat = true;
    row->due_at_ms = now;
    row->settled_at_ms = now;
    row->tries.emplace_back(row->attempts, Outcome::kAmbiguous);
  }
  // The row to claim, 0: none.
  long long NextOf(std::string_view channel, base::WallMs now) const {
    long long best = 0;
    for (const auto& [id, row] : rows_) {
      if (row.message.channel != channel || row.state == State::kSending || !Live(row) ||
          !Due(row, now) || Waits(id, row)) {
        continue;
      }
      if (best == 0 || (row.message.urgent && !rows_.at(best).message.urgent)) best = id;
    }
    return best;
  }
  std::string FirstAccepted(const Row& row) const {
    for (const auto& [id, other] : rows_) {
      if (SameThread(row, other) && !other.provider_id.empty()) return other.provider_id;
    }
    return "";
  }
  static bool SameThread(const Row& a, const Row& b) {
    return a.message.channel == b.message.channel && a.message.target == b.message.target &&
           a.message.thread == b.message.thread;
  }
  bool Waits(long long id, const Row& row) const {
    for (const auto& [older_id, older] : rows_) {
      if (older_id < id && Live(older) && SameThread(older, row)) return true;
    }
    return false;
  }

  std::mutex mutex_;
  std::map<long long, Row> rows_;  // ids grow, so their order is that of adding
  int owner_ = 1;
};

}  // namespace support
