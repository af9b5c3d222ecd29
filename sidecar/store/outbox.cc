#include "sidecar/store/outbox.h"

#include <limits>

#include "sidecar/store/messages.h"

namespace sidecar::store {
namespace {

using base::Error;
using base::ErrorCode;
using notifier::Claimed;
using notifier::State;

// "live" is spelled out each time in the words of the partial indexes, or SQLite does not use them.
// ?1 now, ?2 channel, ?3 owner
constexpr char kRecordLostLeases[] = R"sql(
INSERT INTO attempts (outbox_id, number, started_at_ms, ended_at_ms, outcome, code, detail,
                      provider_id, possible_repeat)
SELECT id, attempts, claimed_at_ms, ?1, 'ambiguous', 0,
       'no word of this try: its lease ran out or its process ended', '', possible_repeat
FROM outbox
WHERE channel = ?2 AND state = 'sending'
  AND state IN ('pending', 'sending', 'retrying', 'ambiguous')
  AND (lease_until_ms <= ?1 OR owner <> ?3)
)sql";

constexpr char kExpireLeases[] = R"sql(
UPDATE outbox
SET state = 'ambiguous', possible_repeat = 1, due_at_ms = ?1, settled_at_ms = ?1,
    lease_until_ms = NULL, owner = NULL
WHERE channel = ?2 AND state = 'sending'
  AND state IN ('pending', 'sending', 'retrying', 'ambiguous')
  AND (lease_until_ms <= ?1 OR owner <> ?3)
)sql";

// A pending row is always due, and one whose wait was reckoned from a later time than now too: the
// clock was set back, and a page must not wait for it to catch up.
// ?1 now, ?2 channel, ?3 owner, ?4 end of the lease
constexpr char kClaimNext[] = R"sql(
UPDATE outbox
SET state = 'sending', attempts = attempts + 1, claimed_at_ms = ?1, owner = ?3, lease_until_ms = ?4
WHERE id = (
  SELECT id FROM outbox AS row
  WHERE channel = ?2 AND (state = 'pending' OR (state <> 'sending' AND
                          (due_at_ms <= ?1 OR settled_at_ms > ?1)))
    AND state IN ('pending', 'sending', 'retrying', 'ambiguous')
    AND NOT EXISTS (
      SELECT 1 FROM outbox AS older
      WHERE older.channel = row.channel AND older.target = row.target
        AND older.thread = row.thread AND older.id < row.id
        AND older.state IN ('pending', 'sending', 'retrying', 'ambiguous'))
  ORDER BY urgent DESC, due_at_ms, id LIMIT 1)
RETURNING id, attempts, possible_repeat,
)sql";

constexpr char kNextDue[] = R"sql(
SELECT min(CASE state WHEN 'sending' THEN lease_until_ms ELSE due_at_ms END) FROM outbox
WHERE channel = ? AND state IN ('pending', 'sending', 'retrying', 'ambiguous')
)sql";

constexpr char kRecordAttempt[] = R"sql(
INSERT INTO attempts (outbox_id, number, started_at_ms, ended_at_ms, outcome, code, detail,
                      provider_id, possible_repeat)
SELECT id, ?2, min(claimed_at_ms, ?3), ?3, ?4, ?5, ?6, ?7, ?8 FROM outbox WHERE id = ?1
)sql";

constexpr char kSettle[] = R"sql(
UPDATE outbox
SET state = ?3, due_at_ms = ?4, settled_at_ms = ?5, lease_until_ms = NULL, owner = NULL,
    possible_repeat = possible_repeat OR ?3 = 'ambiguous'
WHERE id = ?1 AND attempts = ?2 AND state = 'sending'
)sql";

Claimed ReadClaimed(const Statement& row) {
  return {.id = row.Int(0),
          .attempt = {.number = static_cast<int>(row.Int(1)), .possible_repeat = row.Int(2) != 0},
          .message = ReadMessage(row, 3)};
}

base::Status RecordAttempt(const Database& database, const Claimed& claimed,
                           const notifier::SendResult& result, base::WallMs now) {
  return database.Prepare(kRecordAttempt)
      .Bind(std::int64_t{claimed.id})
      .Bind(std::int64_t{claimed.attempt.number})
      .Bind(now)
      .Bind(OutcomeName(result.outcome))
      .Bind(std::int64_t{result.code})
      .Bind(result.detail)
      .Bind(result.provider_id)
      .Bind(std::int64_t{claimed.attempt.possible_repeat})
      .Run();
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
  for (const char* sql : {kRecordLostLeases, kExpireLeases}) {
    auto expired = database.Prepare(sql).Bind(now).Bind(channel).Bind(owner_).Run();
    if (!expired) return expired;
  }
  Statement claim = database.Prepare(std::string(kClaimNext) + kMessageColumns);
  claim.Bind(now).Bind(channel).Bind(owner_).Bind(now + lease.count());
  if (claim.Next()) *claimed = ReadClaimed(claim);
  if (auto done = claim.Run(); !done) return done;
  if (*claimed) {
    return FindFirstAccepted(database, (*claimed)->message, &(*claimed)->attempt.reply_to);
  }
  Statement next = database.Prepare(kNextDue);
  next.Bind(channel);
  if (!next.Next()) return next.status();
  constexpr base::WallMs kNever = std::numeric_limits<base::WallMs>::max();
  const std::lock_guard lock(mutex_);
  quiet_[channel] = {.write = store_->newest_write(),
                     .since_ms = now,
                     .until_ms = next.MaybeInt(0).value_or(kNever)};
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
    auto recorded = RecordAttempt(database, claimed, settlement.result, now);
    if (!recorded) return recorded;
    auto settled = database.Prepare(kSettle)
                       .Bind(std::int64_t{claimed.id})
                       .Bind(std::int64_t{claimed.attempt.number})
                       .Bind(StateName(settlement.state))
                       .Bind(settlement.due_at_ms)
                       .Bind(now)
                       .Run();
    moved = database.Changes() > 0;
    return settled;
  });
  {
    const std::lock_guard lock(mutex_);
    ++settlements_;
  }
  settled_.notify_all();
  if (done && !moved) {
    return Error{ErrorCode::kNotFound, "outbox row " + std::to_string(claimed.id) + " try " +
                                           std::to_string(claimed.attempt.number) +
                                           " is no longer this claim's"};
  }
  return done;
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
        "SELECT min(created_at_ms) FROM outbox"
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
