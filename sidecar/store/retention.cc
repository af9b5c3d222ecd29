#include "sidecar/store/retention.h"

#include <limits>
#include <string>

namespace sidecar::store {
namespace {

constexpr base::WallMs kDayMs = std::int64_t{24} * 3600 * 1000;
constexpr std::int64_t kBatchEpisodes = 50;
// A message in such a state holds its episode: by age what may still be sent, else also what never
// arrived.
constexpr char kMayBeSent[] = "('pending', 'sending', 'retrying', 'ambiguous')";
constexpr char kNeverArrived[] =
    "('pending', 'sending', 'retrying', 'ambiguous', 'failed', 'expired')";

// Beginning with the one that was silent for the longest, by our own clock: what an alert says of
// its times may be nonsense. ?1 and ?2 the cursor, ?3 silent since before
constexpr char kEndedEpisodes[] = R"sql(
SELECT id, last_seen_ms, EXISTS (
  SELECT 1 FROM transitions JOIN outbox ON transition_id = transitions.id
  WHERE episode_id = episodes.id AND state IN %)
  OR EXISTS (SELECT 1 FROM transitions WHERE episode_id = episodes.id AND tell <> 'told')
FROM episodes
WHERE ended_at_ms IS NOT NULL AND (last_seen_ms, id) > (?1, ?2) AND last_seen_ms < ?3
ORDER BY last_seen_ms, id LIMIT ?4
)sql";

constexpr char kMayGo[] = R"sql(
SELECT 1 FROM episodes WHERE id = ? AND ended_at_ms IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM transitions JOIN outbox ON transition_id = transitions.id
  WHERE episode_id = episodes.id AND state IN %)
  AND NOT EXISTS (SELECT 1 FROM transitions WHERE episode_id = episodes.id AND tell <> 'told')
)sql";

constexpr char kWebhooks[] = R"sql(
SELECT id, received_at_ms, length(body),
       EXISTS (SELECT 1 FROM transitions WHERE webhook_id = webhooks.id)
FROM webhooks WHERE id > ? ORDER BY id LIMIT ?
)sql";

constexpr char kMessagesOfNone[] = R"sql(
SELECT id FROM outbox
WHERE transition_id IS NULL AND created_at_ms < ?
  AND state NOT IN ('pending', 'sending', 'retrying', 'ambiguous')
ORDER BY id LIMIT ?
)sql";

constexpr char kUsedBytes[] = R"sql(
SELECT (page_count - freelist_count) * page_size
FROM pragma_page_count, pragma_freelist_count, pragma_page_size
)sql";

std::string With(const char* sql, const char* states) {
  std::string text(sql);
  return text.replace(text.find('%'), 1, states);
}

base::Result<std::int64_t> Number(const Database& database, const char* sql) {
  Statement query = database.Prepare(sql);
  if (query.Next()) return query.Int(0);
  if (!query.status()) return query.status().error();
  return 0;
}

}  // namespace

Retention::Retention(Store* store, RetentionPolicy policy, base::Metrics* metrics)
    : store_(store), policy_(policy) {
  constexpr const char* kNames[] = {"age", "size", "count"};
  for (std::size_t i = 0; i < deleted_.size(); ++i) {
    deleted_[i] = &metrics->AddCounter(
        "fraud_sidecar_history_deleted_total",
        "episodes, and raw webhooks and messages of none, that went by the history's policy",
        {{"reason", kNames[i]}});
  }
}

base::Result<bool> Retention::RunOnce(base::WallMs now) {
  for (const Reason reason : {Reason::kAge, Reason::kSize, Reason::kCount}) {
    auto more = RunFor(reason, now);
    if (!more || *more) return more;
    CursorOf(reason) = {};
  }
  return false;
}

// false: nothing more can go for this reason.
base::Result<bool> Retention::RunFor(Reason reason, base::WallMs now) {
  const auto excess = Excess(reason);
  if (!excess) return excess.error();
  if (*excess <= 0) return false;
  Batch batch;
  // What is looked for is read beside the writer, which is not held up by it.
  const auto chosen = store_->Read([&](const Database& database) {
    batch = {};
    return Choose(database, reason, now, &batch);
  });
  if (!chosen) return chosen.error();
  if (batch.empty()) return !batch.seen_all;
  if (const auto deleted = Delete(reason, *excess, batch); !deleted) return deleted.error();
  return true;
}

base::Result<std::int64_t> Retention::Excess(Reason reason) const {
  if (reason == Reason::kAge) return 1;
  const bool by_size = reason == Reason::kSize;
  const std::int64_t limit = by_size ? policy_.bytes : policy_.transitions;
  base::Result<std::int64_t> have = std::int64_t{0};
  const auto read = store_->Read([&](const Database& database) -> base::Status {
    // Counting takes its time; there are never more than the ids span.
    if (!by_size) have = Number(database, "SELECT max(id) - min(id) + 1 FROM transitions");
    if (!by_size && have && *have <= limit) return {};
    have = Number(database, by_size ? kUsedBytes : "SELECT count(*) FROM transitions");
    return {};
  });
  if (!read) return read.error();
  if (!have) return have;
  return *have - limit;
}

base::Status Retention::Choose(const Database& database, Reason reason, base::WallMs now,
                               Batch* batch) {
  const bool by_age = reason == Reason::kAge;
  constexpr base::WallMs kEver = std::numeric_limits<base::WallMs>::max();
  const base::WallMs before = by_age ? now - policy_.days * kDayMs : kEver;
  if (by_age) {
    Statement messages = database.Prepare(kMessagesOfNone);
    messages.Bind(before).Bind(kBatchEpisodes);
    while (messages.Next()) batch->messages.push_back(messages.Int(0));
    if (!messages.status()) return messages.status();
  }
  if (reason != Reason::kCount) {
    auto chosen = ChooseWebhooks(database, reason, before, batch);
    // For the size what belongs to nothing goes before what tells something.
    if (!chosen || (!by_age && (!batch->webhooks.empty() || !batch->seen_all))) return chosen;
  }
  return ChooseEpisodes(database, reason, before, batch);
}

// Those that nothing refers to. The ids are in the order of time.
base::Status Retention::ChooseWebhooks(const Database& database, Reason reason, base::WallMs before,
                                       Batch* batch) {
  Statement rows = database.Prepare(kWebhooks);
  rows.Bind(CursorOf(reason).webhook).Bind(std::int64_t{kLookedAt});
  int looked_at = 0;
  std::int64_t bytes = 0;
  while (bytes < Deletion::kBytes && rows.Next() && rows.Int(1) < before) {
    ++looked_at;
    if (rows.Int(3) == 0) {
      batch->webhooks.push_back(rows.Int(0));
      bytes += rows.Int(2);
    } else if (batch->webhooks.empty()) {
      CursorOf(reason).webhook = rows.Int(0);
    }
  }
  batch->seen_all = batch->seen_all && looked_at < kLookedAt;
  return rows.status();
}

base::Status Retention::ChooseEpisodes(const Database& database, Reason reason, base::WallMs before,
                                       Batch* batch) {
  Cursor& cursor = CursorOf(reason);
  Statement rows =
      database.Prepare(With(kEndedEpisodes, reason == Reason::kAge ? kMayBeSent : kNeverArrived));
  rows.Bind(cursor.last_seen_ms).Bind(cursor.episode).Bind(before).Bind(std::int64_t{kLookedAt});
  int looked_at = 0;
  while (batch->episodes.size() < kBatchEpisodes && rows.Next()) {
    ++looked_at;
    if (rows.Int(2) == 0) {
      batch->episodes.push_back(rows.Int(0));
    } else if (batch->episodes.empty()) {
      cursor.episode = rows.Int(0);
      cursor.last_seen_ms = rows.Int(1);
    }
  }
  batch->seen_all = batch->seen_all && looked_at < kLookedAt;
  return rows.status();
}

base::Status Retention::Delete(Reason reason, std::int64_t excess, const Batch& batch) {
  std::int64_t done = 0;
  auto deleted = store_->Write([&](const Database& database) -> base::Status {
    Deletion deletion(database);
    for (const std::int64_t id : batch.messages) deletion.Message(id);
    for (const std::int64_t id : batch.webhooks) deletion.Webhook(id);
    auto gone = DeleteEpisodes(database, reason, excess, batch, &deletion);
    done = deletion.done();
    return gone ? deletion.status() : gone;
  });
  if (deleted) deleted_[static_cast<std::size_t>(reason)]->Increment(static_cast<double>(done));
  return deleted;
}

// As few as the limit asks for. They were chosen in another transaction, so each is judged again.
base::Status Retention::DeleteEpisodes(const Database& database, Reason reason, std::int64_t excess,
                                       const Batch& batch, Deletion* deletion) const {
  const std::string sql = With(kMayGo, reason == Reason::kAge ? kMayBeSent : kNeverArrived);
  for (const std::int64_t id : batch.episodes) {
    if (reason == Reason::kCount && deletion->transitions() >= excess) return {};
    if (reason == Reason::kSize) {
      const auto used = Number(database, kUsedBytes);
      if (!used) return used.error();
      if (*used <= policy_.bytes) return {};
    }
    Statement may_go = database.Prepare(sql);
    may_go.Bind(id);
    if (may_go.Next()) deletion->Episode(id);
    if (!may_go.status()) return may_go.status();
  }
  return {};
}

}  // namespace sidecar::store
