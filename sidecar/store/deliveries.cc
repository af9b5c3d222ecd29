#include "sidecar/store/deliveries.h"

#include <algorithm>

#include "notifier/failover.h"
#include "sidecar/store/outbox_arrows.h"

namespace sidecar::store {
namespace {

using notifier::State;

// A notice has the transition of the message that was lost, but tells something else: each sidecar
// speaks of its own trouble.
static_assert(notifier::kNoticeKey == "notice-");

// An alert may fire again with the startsAt it had: the end of the episode before keeps them apart.
// A silent refire does the same within an episode.
constexpr char kSubject[] = R"sql(
SELECT source, fingerprint, kind, episodes.starts_at_ms, episodes.ended_at_ms,
       transitions.received_at_ms, channel, target, part, before.ended_at_ms,
       (SELECT max(received_at_ms) FROM transitions WHERE episode_id = before.id),
       (SELECT received_at_ms FROM transitions AS refire
        WHERE refire.episode_id = episodes.id AND refire.kind = 'refired'
          AND refire.id < transitions.id ORDER BY refire.id DESC LIMIT 1),
       iif(kind = 'summary', subject, '')
FROM outbox JOIN transitions ON transitions.id = transition_id
            JOIN episodes ON episodes.id = episode_id
            LEFT JOIN (SELECT id, ended_at_ms FROM episodes) AS before ON before.id = (
              SELECT max(id) FROM episodes AS earlier
              WHERE earlier.source = episodes.source
                AND earlier.fingerprint = episodes.fingerprint AND earlier.id < episodes.id)
WHERE outbox.id = ? AND key NOT GLOB 'notice-*'
)sql";

// CROSS JOIN: from the alert to its messages, not over all that the target was ever sent.
// ?1 source, ?2 fingerprint, ?3 kind, ?4 begin, ?5 end, ?6 received, ?7 channel, ?8 target, ?9
// since, ?10 title, ?11 how far apart reminders may be, ?12 and summaries
constexpr char kFind[] = R"sql(
SELECT outbox.id, state, lease_until_ms, possible_repeat,
       coalesce((SELECT provider_id FROM attempts WHERE outbox_id = outbox.id AND provider_id <> ''
                 ORDER BY attempts.id LIMIT 1), ''),
       EXISTS (SELECT 1 FROM attempts WHERE outbox_id = outbox.id AND outcome = 'elsewhere')
FROM episodes CROSS JOIN transitions ON episode_id = episodes.id
              CROSS JOIN outbox ON transition_id = transitions.id
WHERE source = ?1 AND fingerprint = ?2 AND starts_at_ms <= ?5
  AND (ended_at_ms IS NULL OR ended_at_ms >= ?4)
  AND (kind = ?3 OR (kind IN ('resolved', 'silenced', 'vanished')
                     AND ?3 IN ('resolved', 'silenced', 'vanished')))
  AND (?9 IS NULL OR transitions.received_at_ms >= ?9)
  AND NOT EXISTS (SELECT 1 FROM transitions AS refire
                  WHERE refire.episode_id = episodes.id AND refire.kind = 'refired'
                    AND refire.id < transitions.id AND refire.received_at_ms > ?6)
  AND (kind <> 'reminder' OR abs(transitions.received_at_ms - ?6) <= ?11)
  AND (kind <> 'summary' OR (abs(transitions.received_at_ms - ?6) <= ?12 AND subject = ?10))
  AND channel = ?7 AND target = ?8 AND part = 1 AND key NOT GLOB 'notice-*'
ORDER BY abs(transitions.received_at_ms - ?6), outbox.id DESC LIMIT 1
)sql";

// Part 1 of the message that row ?1 is a later part of, if it was accepted from here.
constexpr char kOwnFirstPart[] = R"sql(
SELECT first.possible_repeat
FROM outbox AS row JOIN outbox AS first ON first.transition_id = row.transition_id
WHERE row.id = ?1 AND row.part > 1 AND first.part = 1
  AND +first.channel = row.channel AND +first.target = row.target
  AND first.key NOT GLOB 'notice-*'
  AND EXISTS (SELECT 1 FROM attempts WHERE outbox_id = first.id AND outcome = 'delivered')
LIMIT 1
)sql";

constexpr char kAcceptedSince[] = R"sql(
SELECT attempts.id, outbox_id, provider_id FROM attempts JOIN outbox ON outbox.id = outbox_id
WHERE attempts.id > ? AND outcome = 'delivered' AND transition_id NOTNULL
  AND part = 1 AND key NOT GLOB 'notice-*'
ORDER BY attempts.id LIMIT ?
)sql";

constexpr char kToldSince[] = R"sql(
SELECT id FROM transitions
WHERE id > ? AND (tell = 'held' OR EXISTS (SELECT 1 FROM outbox WHERE transition_id = transitions.id))
ORDER BY id LIMIT ?
)sql";

std::optional<Subject> ReadSubject(const Database& database, std::int64_t outbox_id,
                                   base::Status* status) {
  Statement row = database.Prepare(kSubject);
  row.Bind(outbox_id);
  const bool found = row.Next();
  *status = row.status();
  if (!found) return std::nullopt;
  Subject subject{.source = row.Text(0),
                  .fingerprint = row.Text(1),
                  .kind = row.Text(2),
                  .starts_at_ms = row.Int(3),
                  .ended_at_ms = row.MaybeInt(4),
                  .at_ms = row.Int(5),
                  .channel = row.Text(6),
                  .target = row.Text(7),
                  .part = static_cast<int>(row.Int(8)),
                  .since_ms = row.MaybeInt(11),
                  .title = row.Text(12)};
  // Clocks and endsAt may be odd: the interval never becomes empty by this.
  if (const auto earlier_end = row.MaybeInt(9)) {
    const base::WallMs last =
        std::max(subject.starts_at_ms, subject.ended_at_ms.value_or(subject.at_ms));
    subject.starts_at_ms = std::clamp(*earlier_end + 1, subject.starts_at_ms, last);
    // By two clocks, so that neither's being wrong hides what another sidecar sent.
    const base::WallMs since =
        std::min(subject.starts_at_ms, row.MaybeInt(10).value_or(subject.starts_at_ms));
    if (!subject.since_ms) subject.since_ms = since;
  }
  return subject;
}

base::Result<std::int64_t> Newest(const Store& store, const char* sql) {
  std::int64_t newest = 0;
  const auto done = store.Read([&](const Database& database) -> base::Status {
    Statement row = database.Prepare(sql);
    if (row.Next()) newest = row.MaybeInt(0).value_or(0);
    return row.status();
  });
  if (!done) return done.error();
  return newest;
}

Delivery ReadDelivery(const Statement& row, base::WallMs now) {
  Delivery delivery{.outbox_id = row.Int(0),
                    .state = notifier::ParseState(row.Text(1)).value_or(State::kAmbiguous),
                    .provider_id = row.Text(4)};
  const bool lost = delivery.state == State::kSending && row.MaybeInt(2).value_or(0) <= now;
  const bool tried_unsure = row.Int(3) != 0 && delivery.state != State::kSending;
  if (delivery.state != State::kDelivered && (lost || tried_unsure)) {
    delivery.state = State::kAmbiguous;
  }
  if (delivery.state == State::kSending) delivery.lease_ends_in = base::Millis(row.Int(2) - now);
  return delivery;
}

}  // namespace

base::Result<std::optional<Subject>> SubjectOf(const Store& store, std::int64_t outbox_id) {
  std::optional<Subject> subject;
  const auto done = store.Read([&](const Database& database) -> base::Status {
    base::Status status;
    subject = ReadSubject(database, outbox_id, &status);
    return status;
  });
  if (!done) return done.error();
  return subject;
}

base::Result<FirstPart> OwnFirstPart(const Store& store, std::int64_t outbox_id) {
  FirstPart first = FirstPart::kNotOurs;
  const auto done = store.Read([&](const Database& database) -> base::Status {
    Statement row = database.Prepare(kOwnFirstPart);
    row.Bind(outbox_id);
    if (row.Next()) first = row.Int(0) != 0 ? FirstPart::kMarked : FirstPart::kPlain;
    return row.status();
  });
  if (!done) return done.error();
  return first;
}

base::Result<std::optional<Delivery>> FindDelivery(const Store& store, const Subject& subject,
                                                   base::WallMs now) {
  std::optional<Delivery> delivery;
  const auto done = store.Read([&](const Database& database) -> base::Status {
    Statement row = database.Prepare(kFind);
    row.Bind(subject.source)
        .Bind(subject.fingerprint)
        .Bind(subject.kind)
        .Bind(subject.starts_at_ms)
        .Bind(subject.ended_at_ms.value_or(std::max(now, subject.starts_at_ms)))
        .Bind(subject.at_ms)
        .Bind(subject.channel)
        .Bind(subject.target)
        .Bind(subject.since_ms)
        .Bind(subject.title)
        .Bind(std::int64_t{kSameReminder.count()})
        .Bind(std::int64_t{kSameSummary.count()});
    if (!row.Next()) return row.status();
    const bool elsewhere = row.Int(5) != 0;
    if (subject.part == 1 || !elsewhere) delivery = ReadDelivery(row, now);
    return row.status();
  });
  if (!done) return done.error();
  return delivery;
}

base::Result<bool> SettleElsewhere(Store* store, std::int64_t outbox_id, const std::string& detail,
                                   const std::string& provider_id, base::WallMs now) {
  bool moved = false;
  const auto done = store->Write([&](const Database& database) -> base::Status {
    auto settled = SettleRowElsewhere(database, outbox_id, detail, provider_id, now);
    if (!settled) return settled.error();
    moved = *settled;
    return {};
  });
  if (!done) return done.error();
  return moved;
}

base::Result<std::vector<Accepted>> AcceptedSince(const Store& store, std::int64_t attempt_id,
                                                  int limit) {
  std::vector<Accepted> accepted;
  const auto done = store.Read([&](const Database& database) -> base::Status {
    Statement rows = database.Prepare(kAcceptedSince);
    rows.Bind(attempt_id).Bind(std::int64_t{limit});
    while (rows.Next()) {
      base::Status status;
      auto subject = ReadSubject(database, rows.Int(1), &status);
      if (!status) return status;
      if (subject) accepted.push_back({rows.Int(0), std::move(*subject), rows.Text(2)});
    }
    return rows.status();
  });
  if (!done) return done.error();
  return accepted;
}

base::Result<std::int64_t> NewestAttempt(const Store& store) {
  return Newest(store, "SELECT max(id) FROM attempts");
}

base::Result<Told> ToldSince(const Store& store, std::int64_t id, int limit) {
  const auto newest = Newest(store, "SELECT max(id) FROM transitions");
  if (!newest) return newest.error();
  Told told{.newest = *newest};
  const auto done = store.Read([&](const Database& database) -> base::Status {
    Statement rows = database.Prepare(kToldSince);
    rows.Bind(id).Bind(std::int64_t{limit});
    while (rows.Next()) told.transitions.push_back(rows.Int(0));
    if (!told.transitions.empty()) told.newest = std::max(told.newest, told.transitions.back());
    return rows.status();
  });
  if (!done) return done.error();
  return told;
}

base::Status SetPeers(Store* store, const std::vector<std::int64_t>& transitions,
                      const std::string& peers_json) {
  return store->Write([&](const Database& database) -> base::Status {
    for (const std::int64_t id : transitions) {
      auto set = database.Prepare("UPDATE transitions SET peers = ? WHERE id = ?")
                     .Bind(peers_json)
                     .Bind(id)
                     .Run();
      if (!set) return set;
    }
    return {};
  });
}

}  // namespace sidecar::store
