#include "sidecar/store/untold.h"

#include <nlohmann/json.hpp>

#include "sidecar/store/columns.h"

namespace sidecar::store {
namespace {

// "tell <> 'told'" is spelled out each time in the words of the partial index, or SQLite does not
// use it.
constexpr char kNewestTransition[] = R"sql(
SELECT id, kind, at_ms, received_at_ms, tell, tell_at_ms, webhook_id FROM transitions
WHERE episode_id = ? ORDER BY id DESC LIMIT 1
)sql";

constexpr char kCountEnds[] = R"sql(
SELECT count(*) FROM transitions
WHERE episode_id IN (SELECT id FROM episodes WHERE source = ?1 AND fingerprint = ?2
                     ORDER BY id DESC LIMIT ?5)
  AND kind IN ('resolved', 'silenced', 'vanished') AND received_at_ms > ?3 AND received_at_ms <= ?4
)sql";

constexpr char kPreviousEnd[] = R"sql(
SELECT ended_at_ms FROM episodes WHERE source = ? AND fingerprint = ? AND id < ?
ORDER BY id DESC LIMIT 1
)sql";

constexpr char kRefire[] = R"sql(
UPDATE episodes SET ended_at_ms = NULL, end_reason = NULL, flaps = flaps + 1, silenced = 0
WHERE id = ?
)sql";

// CROSS JOIN: the newest transitions first, and no further than enough.
constexpr char kCountToldOf[] = R"sql(
SELECT count(*) FROM (
  SELECT 1 FROM transitions CROSS JOIN episodes ON episodes.id = episode_id
  WHERE received_at_ms > ? AND received_at_ms <= ?
    AND kind IN ('firing', 'resolved', 'silenced', 'vanished')
    AND source <> 'fraud-sidecar' AND severity IN (SELECT value FROM json_each(?))
  LIMIT ?)
)sql";

constexpr char kMarkTold[] = R"sql(
UPDATE transitions SET tell = 'told', tell_at_ms = NULL
WHERE id IN (SELECT value FROM json_each(?))
)sql";

constexpr char kMarkStorm[] = R"sql(
UPDATE transitions SET tell = 'storm', tell_at_ms = NULL
WHERE id IN (SELECT value FROM json_each(?))
)sql";

constexpr char kForgetTold[] = R"sql(
UPDATE episodes SET reminded_at_ms = NULL WHERE id IN (
  SELECT episode_id FROM transitions
  WHERE kind = 'firing' AND id IN (SELECT value FROM json_each(?)))
)sql";

constexpr char kFiringInSummary[] = R"sql(
SELECT tell = 'storm' OR tell_at_ms NOTNULL FROM transitions
WHERE episode_id = ? AND kind = 'firing' ORDER BY id LIMIT 1
)sql";

constexpr char kDueHeld[] = R"sql(
SELECT id, episode_id, kind, at_ms, received_at_ms FROM transitions
WHERE tell = 'held' AND tell <> 'told' AND (tell_at_ms <= ?1 OR received_at_ms > ?1)
ORDER BY tell_at_ms, id LIMIT ?2
)sql";

// A point of the grid lies after half a step since the last word, and not after now.
// ?1 now, ?2 every, ?3 severities, ?4 limit
constexpr char kDueReminders[] = R"sql(
 FROM episodes WHERE ended_at_ms IS NULL AND reminded_at_ms NOTNULL
  AND (reminded_at_ms > ?1
       OR (reminded_at_ms <= ?1 - ?2 / 2
           AND (?1 - starts_at_ms) / ?2 > (reminded_at_ms + ?2 / 2 - 1 - starts_at_ms) / ?2))
  AND silenced = 0 AND severity IN (SELECT value FROM json_each(?3))
ORDER BY reminded_at_ms, id LIMIT ?4
)sql";

constexpr char kStormNames[] = R"sql(
SELECT name, count(*) FILTER (WHERE kind = 'firing') AS firing,
       count(*) FILTER (WHERE kind <> 'firing') AS ended, min(received_at_ms)
FROM transitions JOIN episodes ON episodes.id = episode_id
WHERE tell = 'storm' AND tell <> 'told'
GROUP BY name ORDER BY count(*) DESC, name
)sql";

std::string Ids(const std::vector<std::int64_t>& ids) { return nlohmann::json(ids).dump(); }

std::string Texts(const std::set<std::string>& texts) {
  return nlohmann::json(texts).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

base::Result<std::optional<std::int64_t>> MaybeNumber(Statement* query) {
  std::optional<std::int64_t> number;
  if (query->Next()) number = query->MaybeInt(0);
  if (!query->status()) return query->status().error();
  return number;
}

base::Result<std::int64_t> Number(Statement* query) {
  if (query->Next()) return query->Int(0);
  return query->status().error();
}

base::Result<EpisodeRow> EpisodeOf(const Database& database, std::int64_t id) {
  Statement query =
      database.Prepare(std::string("SELECT ") + kEpisodeColumns + " FROM episodes WHERE id = ?");
  query.Bind(id);
  if (query.Next()) return ReadEpisode(query);
  if (!query.status()) return query.status().error();
  return base::Error{base::ErrorCode::kCorrupt, "no episode " + std::to_string(id)};
}

}  // namespace

base::Result<std::optional<TransitionRow>> NewestTransition(const Database& database,
                                                            std::int64_t episode_id) {
  Statement query = database.Prepare(kNewestTransition);
  query.Bind(episode_id);
  std::optional<TransitionRow> found;
  if (query.Next()) {
    found = TransitionRow{.id = query.Int(0),
                          .kind = query.Text(1),
                          .at_ms = query.Int(2),
                          .received_at_ms = query.Int(3),
                          .tell = query.Text(4),
                          .tell_at_ms = query.MaybeInt(5),
                          .webhook_id = query.MaybeInt(6)};
  }
  if (!query.status()) return query.status().error();
  return found;
}

base::Result<std::optional<base::WallMs>> RefiredSince(const Database& database,
                                                       std::int64_t episode_id) {
  Statement query = database.Prepare(
      "SELECT at_ms FROM transitions WHERE episode_id = ? AND kind = 'refired'"
      " ORDER BY id DESC LIMIT 1");
  query.Bind(episode_id);
  return MaybeNumber(&query);
}

base::Result<std::int64_t> CountEnds(const Database& database, const std::string& source,
                                     const std::string& fingerprint, base::WallMs from,
                                     base::WallMs to) {
  Statement query = database.Prepare(kCountEnds);
  query.Bind(source).Bind(fingerprint).Bind(from).Bind(to).Bind(kMostEnds);
  return Number(&query);
}

base::Result<std::optional<base::WallMs>> PreviousEnd(const Database& database,
                                                      const EpisodeRow& episode) {
  Statement query = database.Prepare(kPreviousEnd);
  query.Bind(episode.source).Bind(episode.fingerprint).Bind(episode.id);
  return MaybeNumber(&query);
}

base::Status MoveStart(const Database& database, std::int64_t id, base::WallMs starts_at_ms) {
  return database.Prepare("UPDATE episodes SET starts_at_ms = min(starts_at_ms, ?2) WHERE id = ?1")
      .Bind(id)
      .Bind(starts_at_ms)
      .Run();
}

base::Status Refire(const Database& database, std::int64_t id) {
  return database.Prepare(kRefire).Bind(id).Run();
}

base::Result<std::int64_t> CountToldOf(const Database& database, const Heed& heed,
                                       base::WallMs from, base::WallMs to) {
  Statement query = database.Prepare(kCountToldOf);
  query.Bind(from).Bind(to).Bind(Texts(heed.severities)).Bind(heed.enough);
  return Number(&query);
}

base::Status MarkTold(const Database& database, const std::vector<std::int64_t>& transitions) {
  return database.Prepare(kMarkTold).Bind(Ids(transitions)).Run();
}

base::Status MarkStorm(const Database& database, const std::vector<std::int64_t>& transitions) {
  const std::string ids = Ids(transitions);
  auto marked = database.Prepare(kMarkStorm).Bind(ids).Run();
  return marked ? database.Prepare(kForgetTold).Bind(ids).Run() : marked;
}

base::Result<std::vector<HeldEnd>> DueHeld(const Database& database, base::WallMs now, int limit) {
  std::vector<HeldEnd> due;
  Statement rows = database.Prepare(kDueHeld);
  rows.Bind(now).Bind(std::int64_t{limit});
  while (rows.Next()) {
    auto episode = EpisodeOf(database, rows.Int(1));
    if (!episode) return episode.error();
    due.push_back({.episode = std::move(*episode),
                   .transition = {.id = rows.Int(0),
                                  .kind = rows.Text(2),
                                  .at_ms = rows.Int(3),
                                  .received_at_ms = rows.Int(4)}});
  }
  if (!rows.status()) return rows.status().error();
  return due;
}

base::Result<std::vector<EpisodeRow>> DueReminders(const Database& database,
                                                   const std::set<std::string>& severities,
                                                   base::Millis every, base::WallMs now,
                                                   int limit) {
  std::vector<EpisodeRow> due;
  Statement rows =
      database.Prepare(std::string("SELECT ") + kEpisodeColumns + std::string(kDueReminders));
  rows.Bind(now)
      .Bind(std::int64_t{every.count()})
      .Bind(Texts(severities))
      .Bind(std::int64_t{limit});
  while (rows.Next()) due.push_back(ReadEpisode(rows));
  if (!rows.status()) return rows.status().error();
  return due;
}

base::Status NoteReminded(const Database& database, std::int64_t id, base::WallMs now) {
  return database.Prepare("UPDATE episodes SET reminded_at_ms = ?2 WHERE id = ?1")
      .Bind(id)
      .Bind(now)
      .Run();
}

base::Result<std::optional<base::WallMs>> OldestInStorm(const Database& database) {
  Statement query = database.Prepare(
      "SELECT min(received_at_ms) FROM transitions WHERE tell = 'storm' AND tell <> 'told'");
  return MaybeNumber(&query);
}

base::Result<Storm> SummariseStorm(const Database& database) {
  Storm storm;
  Statement rows = database.Prepare(kStormNames);
  while (rows.Next()) {
    const StormName each{.name = rows.Text(0), .firing = rows.Int(1), .ended = rows.Int(2)};
    storm.firing += each.firing;
    storm.ended += each.ended;
    storm.names += 1;
    storm.oldest_ms = std::min(storm.oldest_ms.value_or(rows.Int(3)), rows.Int(3));
    if (storm.names <= kTopNames) storm.top.push_back(each);
  }
  if (!rows.status()) return rows.status().error();
  return storm;
}

base::Status MarkStormTold(const Database& database, base::WallMs now) {
  return database
      .Prepare(
          "UPDATE transitions SET tell = 'told', tell_at_ms = ?"
          " WHERE tell = 'storm' AND tell <> 'told'")
      .Bind(now)
      .Run();
}

base::Result<bool> IsFiringInSummary(const Database& database, std::int64_t episode_id) {
  Statement query = database.Prepare(kFiringInSummary);
  query.Bind(episode_id);
  const bool found = query.Next() && query.Int(0) != 0;
  if (!query.status()) return query.status().error();
  return found;
}

}  // namespace sidecar::store
