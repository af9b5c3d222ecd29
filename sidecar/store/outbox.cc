#include "sidecar/store/outbox.h"

#include <limits>

#include "sidecar/store/notices.h"
#include "sidecar/store/outbox_arrows.h"

namespace sidecar::store {
namespace {

using base::Error;
using base::ErrorCode;
using notifier::Claimed;
using notifier::State;

Error LostClaim(const Claimed& claimed) {
  return {ErrorCode::kNotFound, "outbox row " + std::to_string(claimed.id) + " try " +
                                    std::to_string(claimed.attempt.number) +
                                    " is no longer this claim's"};
}

}  // namespace

bool SqliteOutbox::IsQuiet(const std::string& channel, base::WallMs now) {
  const std::lock_guard lock(mutex_);
  const Quiet& quiet = quiet_[channel];
  return quiet.write == store_->newest_write() && quiet.since_ms <= now && now < quiet.until_ms;
}

base::Status SqliteOutbox::Claim(const Database& database, const std::string& channel,
                                 base::WallMs now, base::Millis lease,
                                 std::optional<Claimed>* claimed) {
  auto lost = LoseClaims(database, channel, owner_, now);
  if (!lost) return lost;
  auto next = TakeNext(database, channel, owner_, now, lease);
  if (!next) return next.error();
  *claimed = *std::move(next);
  if (*claimed) return {};
  const auto due = NextDue(database, channel);
  if (!due) return due.error();
  constexpr base::WallMs kNever = std::numeric_limits<base::WallMs>::max();
  const std::lock_guard lock(mutex_);
  quiet_[channel] = {
      .write = store_->newest_write(), .since_ms = now, .until_ms = due->value_or(kNever)};
  return {};
}

base::Result<std::optional<Claimed>> SqliteOutbox::ClaimNext(std::string_view channel,
                                                             base::WallMs now, base::Millis lease) {
  const std::string name(channel);
  std::optional<Claimed> claimed;
  if (IsQuiet(name, now)) return claimed;
  const auto done = store_->Write(
      [&](const Database& database) { return Claim(database, name, now, lease, &claimed); });
  if (!done) return done.error();
  return claimed;
}

base::Status SqliteOutbox::Settle(const Claimed& claimed, const notifier::Settlement& settlement,
                                  base::WallMs now) {
  bool moved = false;
  auto done = store_->Write([&](const Database& database) -> base::Status {
    auto settled = SettleRow(database, claimed, settlement, now);
    if (!settled) return settled.error();
    moved = *settled;
    if (!moved) return {};
    for (const notifier::Notice& notice : settlement.notices) {
      if (auto told = AddNotice(database, claimed.id, notice, now); !told) return told;
    }
    return {};
  });
  {
    const std::lock_guard lock(mutex_);
    ++settlements_;
  }
  settled_.notify_all();
  return done && !moved ? LostClaim(claimed) : done;
}

base::Status SqliteOutbox::Release(const Claimed& claimed, base::WallMs due_at_ms,
                                   base::WallMs now) {
  bool moved = false;
  auto done = store_->Write([&](const Database& database) -> base::Status {
    auto released = ReleaseRow(database, claimed, due_at_ms, now);
    if (!released) return released.error();
    moved = *released;
    return {};
  });
  return done && !moved ? LostClaim(claimed) : done;
}

base::Result<OutboxSummary> SummariseOutbox(const Store& store) {
  OutboxSummary summary;
  for (const State state : {State::kPending, State::kSending, State::kDelivered, State::kRetrying,
                            State::kFailed, State::kAmbiguous, State::kExpired}) {
    summary.rows[std::string(StateName(state))] = 0;
  }
  const auto done = store.Read([&](const Database& database) -> base::Status {
    Statement rows = database.Prepare("SELECT state, count(*) FROM outbox GROUP BY state");
    while (rows.Next()) summary.rows[rows.Text(0)] = rows.Int(1);
    if (!rows.status()) return rows.status();
    Statement oldest = database.Prepare(
        "SELECT min(CASE WHEN attempts = 0 AND settled_at_ms IS NULL THEN due_at_ms"
        "           ELSE created_at_ms END) FROM outbox"
        " WHERE state IN ('pending', 'sending', 'retrying', 'ambiguous')");
    if (oldest.Next()) summary.oldest_live_ms = oldest.MaybeInt(0);
    return oldest.status();
  });
  if (!done) return done.error();
  return summary;
}

namespace {

base::Result<RowState> FindRow(const Store& store, std::int64_t id) {
  std::optional<RowState> found;
  const auto done = store.Read([&](const Database& database) -> base::Status {
    Statement row = database.Prepare(
        "SELECT state, coalesce((SELECT detail FROM attempts WHERE outbox_id = outbox.id"
        " ORDER BY id DESC LIMIT 1), '') FROM outbox WHERE id = ?");
    row.Bind(id);
    if (row.Next()) found = RowState{.state = row.Text(0), .last_detail = row.Text(1)};
    return row.status();
  });
  if (!done) return done.error();
  if (!found) return Error{ErrorCode::kNotFound, "no outbox row " + std::to_string(id)};
  return *found;
}

}  // namespace

base::Result<RowState> SqliteOutbox::WaitForTry(std::int64_t id, base::SteadyTime deadline) {
  std::unique_lock lock(mutex_);
  while (true) {
    const std::int64_t seen = settlements_;
    lock.unlock();
    auto row = FindRow(*store_, id);
    if (!row || (row->state != "pending" && row->state != "sending")) return row;
    lock.lock();
    const auto news = [&] { return settlements_ != seen || stopped_; };
    if (!settled_.wait_until(lock, deadline, news) || stopped_) return FindRow(*store_, id);
  }
}

void SqliteOutbox::StopWaiting() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  settled_.notify_all();
}

}  // namespace sidecar::store
