#include "sidecar/store/outbox_arrows.h"

#include <utility>

#include "sidecar/store/messages.h"
#include "sidecar/store/notices.h"

namespace sidecar::store {
namespace {

using notifier::Claimed;
using notifier::Settlement;
using notifier::State;

// "live" is spelled out each time in the words of the partial indexes, or SQLite does not use them.
// ?1 now, ?2 channel, ?3 owner
constexpr char kRecordLostClaims[] = R"sql(
INSERT INTO attempts (outbox_id, number, started_at_ms, ended_at_ms, outcome, code, detail,
                      provider_id, possible_repeat)
SELECT id, attempts, claimed_at_ms, ?1, 'ambiguous', 0,
       'no word of this try: its lease ran out or its process ended', '', possible_repeat
FROM outbox
WHERE channel = ?2 AND state = 'sending'
  AND state IN ('pending', 'sending', 'retrying', 'ambiguous')
  AND (lease_until_ms <= ?1 OR owner <> ?3)
)sql";

constexpr char kLoseClaim[] = R"sql(
UPDATE outbox
SET state = 'ambiguous', possible_repeat = 1, due_at_ms = ?1, settled_at_ms = ?1,
    lease_until_ms = NULL, owner = NULL
WHERE channel = ?2 AND state = 'sending'
  AND state IN ('pending', 'sending', 'retrying', 'ambiguous')
  AND (lease_until_ms <= ?1 OR owner <> ?3)
)sql";

// A wait that was reckoned from a later time than now is over: the clock was set back, and a page
// must not wait for it to catch up.
// ?1 now, ?2 channel, ?3 owner, ?4 end of the lease
constexpr char kClaimNext[] = R"sql(
UPDATE outbox
SET state = 'sending', attempts = attempts + 1, claimed_at_ms = ?1, owner = ?3, lease_until_ms = ?4
WHERE id = (
  SELECT id FROM outbox AS row
  WHERE channel = ?2 AND state <> 'sending'
    AND (due_at_ms <= ?1 OR coalesce(settled_at_ms, created_at_ms) > ?1)
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

// ?1 id, ?2 try, ?3 now, ?4 due, ?5 whether the claim was marked
constexpr char kRelease[] = R"sql(
UPDATE outbox
SET state = 'pending', attempts = attempts - 1, due_at_ms = ?4, settled_at_ms = ?3,
    lease_until_ms = NULL, owner = NULL, possible_repeat = possible_repeat OR ?5
WHERE id = ?1 AND attempts = ?2 AND state = 'sending'
)sql";

constexpr char kDeliver[] = R"sql(
UPDATE outbox
SET state = 'delivered', due_at_ms = ?4, settled_at_ms = ?3, lease_until_ms = NULL, owner = NULL,
    possible_repeat = possible_repeat OR ?5
WHERE id = ?1 AND attempts = ?2 AND state = 'sending'
)sql";

constexpr char kRetry[] = R"sql(
UPDATE outbox
SET state = 'retrying', due_at_ms = ?4, settled_at_ms = ?3, lease_until_ms = NULL, owner = NULL,
    possible_repeat = possible_repeat OR ?5
WHERE id = ?1 AND attempts = ?2 AND state = 'sending'
)sql";

constexpr char kFail[] = R"sql(
UPDATE outbox
SET state = 'failed', due_at_ms = ?4, settled_at_ms = ?3, lease_until_ms = NULL, owner = NULL,
    possible_repeat = possible_repeat OR ?5
WHERE id = ?1 AND attempts = ?2 AND state = 'sending'
)sql";

constexpr char kDoubt[] = R"sql(
UPDATE outbox
SET state = 'ambiguous', due_at_ms = ?4, settled_at_ms = ?3, lease_until_ms = NULL, owner = NULL,
    possible_repeat = 1 OR ?5
WHERE id = ?1 AND attempts = ?2 AND state = 'sending'
)sql";

constexpr char kExpire[] = R"sql(
UPDATE outbox
SET state = 'expired', due_at_ms = ?4, settled_at_ms = ?3, lease_until_ms = NULL, owner = NULL,
    possible_repeat = possible_repeat OR ?5
WHERE id = ?1 AND attempts = ?2 AND state = 'sending'
)sql";

// ?1 id, ?2 key, ?3 now
constexpr char kAdoptSent[] = R"sql(
UPDATE outbox
SET state = 'delivered', key = coalesce(nullif(?2, ''), key), attempts = 1, claimed_at_ms = ?3, settled_at_ms = ?3
WHERE id = ?1 AND state = 'pending'
)sql";

// ?4 due
constexpr char kAdoptDoubt[] = R"sql(
UPDATE outbox
SET state = 'ambiguous', key = coalesce(nullif(?2, ''), key), attempts = 1, claimed_at_ms = ?3, settled_at_ms = ?3,
    possible_repeat = 1, due_at_ms = ?4
WHERE id = ?1 AND state = 'pending'
)sql";

// ?1 row, ?2 detail, ?3 provider_id, ?4 now
constexpr char kRecordElsewhere[] = R"sql(
INSERT INTO attempts (outbox_id, number, started_at_ms, ended_at_ms, outcome, code, detail,
                      provider_id, possible_repeat)
SELECT id, attempts + 1, ?4, ?4, 'elsewhere', 0, ?2, ?3, possible_repeat FROM outbox
WHERE id = ?1 AND state IN ('pending', 'retrying', 'ambiguous')
)sql";

constexpr char kSettleElsewhere[] = R"sql(
UPDATE outbox SET state = 'delivered', attempts = attempts + 1, settled_at_ms = ?2
WHERE id = ?1 AND state IN ('pending', 'retrying', 'ambiguous')
)sql";

constexpr char kRecordAttempt[] = R"sql(
INSERT INTO attempts (outbox_id, number, started_at_ms, ended_at_ms, outcome, code, detail,
                      provider_id, possible_repeat)
SELECT id, ?2, min(claimed_at_ms, ?3), ?3, ?4, ?5, ?6, ?7, ?8 FROM outbox WHERE id = ?1
)sql";

const char* ArrowTo(State state) {
  switch (state) {
    case State::kDelivered:
      return kDeliver;
    case State::kRetrying:
      return kRetry;
    case State::kFailed:
      return kFail;
    case State::kAmbiguous:
      return kDoubt;
    case State::kExpired:
      return kExpire;
    case State::kPending:
    case State::kSending:
      break;
  }
  return kDoubt;  // no try ends there; what nobody knows is told again, marked
}

base::Result<bool> Move(const Database& database, const char* arrow, const Claimed& claimed,
                        base::WallMs due_at_ms, base::WallMs now) {
  const auto moved = database.Prepare(arrow)
                         .Bind(std::int64_t{claimed.id})
                         .Bind(std::int64_t{claimed.attempt.number})
                         .Bind(now)
                         .Bind(due_at_ms)
                         .Bind(std::int64_t{claimed.attempt.possible_repeat})
                         .Run();
  if (!moved) return moved.error();
  return database.Changes() > 0;
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

base::Status LoseClaims(const Database& database, const std::string& channel,
                        const std::string& owner, base::WallMs now) {
  for (const char* sql : {kRecordLostClaims, kLoseClaim}) {
    auto lost = database.Prepare(sql).Bind(now).Bind(channel).Bind(owner).Run();
    if (!lost) return lost;
  }
  return {};
}

base::Result<std::optional<Claimed>> TakeNext(const Database& database, const std::string& channel,
                                              const std::string& owner, base::WallMs now,
                                              base::Millis lease) {
  Statement claim = database.Prepare(std::string(kClaimNext) + kMessageColumns);
  claim.Bind(now).Bind(channel).Bind(owner).Bind(now + lease.count());
  std::optional<Claimed> claimed;
  if (claim.Next()) {
    claimed = Claimed{
        .id = claim.Int(0),
        .attempt = {.number = static_cast<int>(claim.Int(1)), .possible_repeat = claim.Int(2) != 0},
        .message = ReadMessage(claim, 3)};
  }
  if (const auto done = claim.Run(); !done) return done.error();
  if (!claimed) return claimed;
  auto read = FindFirstAccepted(database, claimed->message, &claimed->attempt.reply_to);
  if (read) read = MarkIfOvertaken(database, &*claimed);
  if (!read) return read.error();
  return claimed;
}

base::Result<std::optional<base::WallMs>> NextDue(const Database& database,
                                                  const std::string& channel) {
  Statement next = database.Prepare(kNextDue);
  next.Bind(channel);
  if (!next.Next()) return next.status().error();
  return next.MaybeInt(0);
}

base::Result<bool> SettleRow(const Database& database, const Claimed& claimed,
                             const Settlement& settlement, base::WallMs now) {
  const auto recorded = RecordAttempt(database, claimed, settlement.result, now);
  if (!recorded) return recorded.error();
  return Move(database, ArrowTo(settlement.state), claimed, settlement.due_at_ms, now);
}

base::Result<bool> ReleaseRow(const Database& database, const Claimed& claimed,
                              base::WallMs due_at_ms, base::WallMs now) {
  return Move(database, kRelease, claimed, due_at_ms, now);
}

base::Result<bool> SettleRowElsewhere(const Database& database, std::int64_t id,
                                      const std::string& detail, const std::string& provider_id,
                                      base::WallMs now) {
  auto recorded =
      database.Prepare(kRecordElsewhere).Bind(id).Bind(detail).Bind(provider_id).Bind(now).Run();
  if (!recorded) return recorded.error();
  auto settled = database.Prepare(kSettleElsewhere).Bind(id).Bind(now).Run();
  if (!settled) return settled.error();
  return database.Changes() > 0;
}

base::Status AdoptRow(const Database& database, std::int64_t id, const SentBefore& sent,
                      base::WallMs due_at_ms, base::WallMs now) {
  Statement adopt = database.Prepare(sent.accepted ? kAdoptSent : kAdoptDoubt);
  adopt.Bind(id).Bind(sent.key).Bind(now);
  if (!sent.accepted) adopt.Bind(due_at_ms);
  if (auto done = adopt.Run(); !done) return done;
  return RecordAttempt(
      database, {.id = id},
      {.outcome = sent.accepted ? notifier::Outcome::kDelivered : notifier::Outcome::kAmbiguous,
       .detail = sent.accepted ? "sent before recorded: the history could not be written then"
                               : "begun before recorded: nobody knows yet whether it was accepted",
       .provider_id = sent.provider_id},
      now);
}

}  // namespace sidecar::store
