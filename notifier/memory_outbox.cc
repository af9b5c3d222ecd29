#include "notifier/memory_outbox.h"

#include <algorithm>
#include <tuple>

#include "notifier/failover.h"

namespace notifier {
namespace {

using base::Error;
using base::ErrorCode;
using Row = MemoryOutbox::Row;

bool SameTarget(const Message& a, const Message& b) {
  return a.channel == b.channel && a.target == b.target;
}

bool SameThread(const Message& a, const Message& b) {
  return SameTarget(a, b) && a.thread == b.thread;
}

bool IsDue(const Row& row, base::WallMs now) {
  const base::WallMs since = row.settled_at_ms != 0 ? row.settled_at_ms : row.message.created_at_ms;
  return row.due_at_ms <= now || since > now;
}

Error Lost(const Claimed& claimed) {
  return {ErrorCode::kNotFound, "row " + std::to_string(claimed.id) + " is no longer this claim's"};
}

}  // namespace

base::Result<std::optional<Claimed>> MemoryOutbox::ClaimNext(std::string_view channel,
                                                             base::WallMs now, base::Millis lease) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, row] : rows_) {
    if (row.message.channel == channel) LoseClaim(&row, now);
  }
  const long long id = NextOf(channel, now);
  if (id == 0) return std::optional<Claimed>();
  Row& row = rows_.at(id);
  row.state = State::kSending;
  row.lease_until_ms = now + lease.count();
  return std::optional(Claimed{.id = id,
                               .attempt = {.number = ++row.attempts,
                                           .possible_repeat = row.possible_repeat,
                                           .reply_to = FirstAccepted(row)},
                               .message = row.message});
}

base::Status MemoryOutbox::Settle(const Claimed& claimed, const Settlement& settlement,
                                  base::WallMs now) {
  const std::lock_guard lock(mutex_);
  if (const auto found = rows_.find(claimed.id); found != rows_.end()) {
    Record(&found->second, claimed.attempt.number, settlement.result.outcome);
  }
  Row* row = Current(claimed);
  if (row == nullptr) return Lost(claimed);
  row->state = settlement.state;
  row->due_at_ms = settlement.due_at_ms;
  row->settled_at_ms = now;
  row->possible_repeat |= settlement.state == State::kAmbiguous || claimed.attempt.possible_repeat;
  if (settlement.state == State::kDelivered) row->provider_id = settlement.result.provider_id;
  const Row lost = *row;
  for (const Notice& notice : settlement.notices) AddNotice(lost, notice, now);
  return {};
}

base::Status MemoryOutbox::Release(const Claimed& claimed, base::WallMs due_at_ms,
                                   base::WallMs now) {
  const std::lock_guard lock(mutex_);
  Row* row = Current(claimed);
  if (row == nullptr) return Lost(claimed);
  row->state = State::kPending;
  row->due_at_ms = due_at_ms;
  row->settled_at_ms = now;
  row->possible_repeat |= claimed.attempt.possible_repeat;
  --row->attempts;
  return {};
}

base::Result<long long> MemoryOutbox::Add(const Message& message) {
  const std::lock_guard lock(mutex_);
  return AddLocked(message);
}

base::Result<long long> MemoryOutbox::AddLocked(const Message& message) {
  const auto same = [&](const auto& each) { return each.second.message.key == message.key; };
  if (std::any_of(rows_.begin(), rows_.end(), same)) {
    return Error{ErrorCode::kInvalid, "the key is there already"};
  }
  const auto is_live = [](const auto& each) { return IsLive(each.second.state); };
  const auto live = std::count_if(rows_.begin(), rows_.end(), is_live);
  if (static_cast<std::size_t>(live) >= capacity_) {
    return Error{ErrorCode::kFull, "no room in memory for a message"};
  }
  DropOldSettled();
  rows_[++last_id_] = {.message = message,
                       .due_at_ms = std::max(message.created_at_ms, message.not_before_ms)};
  return last_id_;
}

void MemoryOutbox::DropOldSettled() {
  const auto is_settled = [](const auto& each) { return !IsLive(each.second.state); };
  const auto settled = std::count_if(rows_.begin(), rows_.end(), is_settled);
  if (static_cast<std::size_t>(settled) <= capacity_ * kSettledFor) return;
  rows_.erase(std::find_if(rows_.begin(), rows_.end(), is_settled));
}

void MemoryOutbox::AddNotice(const Row& lost, const Notice& notice, base::WallMs now) {
  bool own = false;
  bool told = false;  // of that reason, and no try was accepted since
  long long accepted = 0;
  for (const auto& [id, row] : rows_) {
    if (SameTarget(row.message, lost.message)) accepted = std::max(accepted, row.accepted);
  }
  for (const auto& [id, row] : rows_) {
    const Message& message = row.message;
    if (!SameTarget(message, notice.brief)) continue;
    own |= message.thread == lost.message.thread &&
           message.created_at_ms == lost.message.created_at_ms;
    told |= SameThread(message, notice.brief) && message.text.starts_with(notice.reason) &&
            message.created_at_ms > now - kNoticeEvery.count() &&
            (row.first_try == 0 || accepted <= row.first_try);
  }
  if (!own) {
    for (const Message& part : notice.whole) (void)AddLocked(part).ok();
  } else if (!told) {
    Message brief = notice.brief;
    brief.text += kNotRecorded;
    (void)AddLocked(brief).ok();  // there already, or no room: it is only a notice
  }
}

std::optional<Row> MemoryOutbox::Find(long long id) const {
  const std::lock_guard lock(mutex_);
  const auto found = rows_.find(id);
  return found == rows_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Row> MemoryOutbox::Hold(long long id) {
  const std::lock_guard lock(mutex_);
  const auto found = rows_.find(id);
  if (found == rows_.end()) return std::nullopt;
  found->second.held = true;
  return found->second;
}

void MemoryOutbox::LetGo(long long id) {
  const std::lock_guard lock(mutex_);
  const auto found = rows_.find(id);
  if (found != rows_.end()) found->second.held = false;
}

void MemoryOutbox::Remove(long long id) {
  const std::lock_guard lock(mutex_);
  rows_.erase(id);
}

void MemoryOutbox::LoseClaims() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, row] : rows_) row.lease_until_ms = 0;
}

void MemoryOutbox::LoseClaim(Row* row, base::WallMs now) {
  if (row->state != State::kSending || row->lease_until_ms > now) return;
  row->state = State::kAmbiguous;
  row->possible_repeat = true;
  row->due_at_ms = now;
  row->settled_at_ms = now;
  Record(row, row->attempts, Outcome::kAmbiguous);
}

void MemoryOutbox::Record(Row* row, int number, Outcome outcome) {
  row->tries.emplace_back(number, outcome);
  ++tries_;
  if (row->first_try == 0) row->first_try = tries_;
  if (outcome == Outcome::kDelivered) row->accepted = tries_;
}

// The row to claim, 0: none.
long long MemoryOutbox::NextOf(std::string_view channel, base::WallMs now) const {
  const auto rank = [&](long long id) {
    const Row& row = rows_.at(id);
    return std::tuple(!row.message.urgent, row.due_at_ms, id);
  };
  long long best = 0;
  for (const auto& [id, row] : rows_) {
    if (row.message.channel != channel || row.state == State::kSending || !IsLive(row.state) ||
        row.held || !IsDue(row, now) || Waits(id, row)) {
      continue;
    }
    if (best == 0 || rank(id) < rank(best)) best = id;
  }
  return best;
}

bool MemoryOutbox::Waits(long long id, const Row& row) const {
  return std::any_of(rows_.begin(), rows_.lower_bound(id), [&](const auto& older) {
    return IsLive(older.second.state) && SameThread(older.second.message, row.message);
  });
}

std::string MemoryOutbox::FirstAccepted(const Row& row) const {
  for (const auto& [id, other] : rows_) {
    if (SameThread(row.message, other.message) && !other.provider_id.empty()) {
      return other.provider_id;
    }
  }
  return "";
}

MemoryOutbox::Row* MemoryOutbox::Current(const Claimed& claimed) {
  const auto found = rows_.find(claimed.id);
  if (found == rows_.end()) return nullptr;
  Row& row = found->second;
  const bool current = row.state == State::kSending && row.attempts == claimed.attempt.number;
  return current ? &row : nullptr;
}

}  // namespace notifier
