#include "sidecar/store/episodes.h"

#include "sidecar/store/columns.h"

namespace sidecar::store {
namespace {

constexpr std::int64_t kWeekMs = std::int64_t{7} * 24 * 3600 * 1000;

constexpr char kAddEpisode[] = R"sql(
INSERT INTO episodes (source, fingerprint, name, severity, labels, annotations, generator_url,
                      starts_at_ms, first_seen_ms, last_seen_ms, late, reminded_at_ms, seen_count)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?9, ?9, ?10, ?11, 1)
)sql";

constexpr char kFoldRepeat[] = R"sql(
UPDATE episodes
SET seen_count = seen_count + 1, last_seen_ms = max(last_seen_ms, ?3),
    starts_at_ms = min(starts_at_ms, ?2)
WHERE id = ?1
)sql";

constexpr char kEndEpisode[] = R"sql(
UPDATE episodes
SET ended_at_ms = max(?2, starts_at_ms), end_reason = ?3, last_seen_ms = max(last_seen_ms, ?4)
WHERE id = ?1 AND ended_at_ms IS NULL
)sql";

constexpr char kAddTransition[] = R"sql(
INSERT INTO transitions (episode_id, kind, at_ms, received_at_ms, evidence, webhook_id, tell,
                         tell_at_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
)sql";

constexpr char kTrimQuarantine[] = R"sql(
DELETE FROM quarantine WHERE id IN (
  SELECT id FROM (
    SELECT id, row_number() OVER newest AS rows, sum(length(body)) OVER newest AS bytes
    FROM quarantine WINDOW newest AS (ORDER BY id DESC))
  WHERE rows > ? OR bytes > ?)
)sql";

base::Result<std::int64_t> IdAfter(const base::Status& inserted, const Database& database) {
  if (!inserted) return inserted.error();
  return database.LastId();
}

}  // namespace

base::Result<std::optional<EpisodeRow>> LatestEpisode(const Database& database,
                                                      const std::string& source,
                                                      const std::string& fingerprint) {
  Statement query = database.Prepare(std::string("SELECT ") + kEpisodeColumns +
                                     " FROM episodes WHERE source = ? AND fingerprint = ?"
                                     " ORDER BY id DESC LIMIT 1");
  query.Bind(source).Bind(fingerprint);
  std::optional<EpisodeRow> found;
  if (query.Next()) found = ReadEpisode(query);
  if (!query.status()) return query.status().error();
  return found;
}

base::Result<std::int64_t> AddEpisode(const Database& database, const EpisodeRow& episode) {
  const auto added = database.Prepare(kAddEpisode)
                         .Bind(episode.source)
                         .Bind(episode.fingerprint)
                         .Bind(episode.name)
                         .Bind(episode.severity)
                         .Bind(episode.labels_json)
                         .Bind(episode.annotations_json)
                         .Bind(episode.generator_url)
                         .Bind(episode.starts_at_ms)
                         .Bind(episode.first_seen_ms)
                         .Bind(std::int64_t{episode.late})
                         .Bind(episode.reminded_at_ms)
                         .Run();
  return IdAfter(added, database);
}

base::Status FoldRepeat(const Database& database, std::int64_t id, base::WallMs starts_at_ms,
                        base::WallMs now) {
  return database.Prepare(kFoldRepeat).Bind(id).Bind(starts_at_ms).Bind(now).Run();
}

base::Status EndEpisode(const Database& database, std::int64_t id, base::WallMs ended_at_ms,
                        const std::string& reason, base::WallMs now) {
  return database.Prepare(kEndEpisode).Bind(id).Bind(ended_at_ms).Bind(reason).Bind(now).Run();
}

base::Result<std::int64_t> AddTransition(const Database& database, std::int64_t episode_id,
                                         const TransitionRow& transition,
                                         std::optional<std::int64_t> webhook_id) {
  const auto added = database.Prepare(kAddTransition)
                         .Bind(episode_id)
                         .Bind(transition.kind)
                         .Bind(transition.at_ms)
                         .Bind(transition.received_at_ms)
                         .Bind(transition.evidence_json)
                         .Bind(webhook_id)
                         .Bind(transition.tell)
                         .Bind(transition.tell_at_ms)
                         .Run();
  return IdAfter(added, database);
}

base::Result<std::int64_t> AddWebhook(const Database& database, const std::string& source,
                                      const std::string& body, base::WallMs now) {
  const auto added =
      database.Prepare("INSERT INTO webhooks (source, received_at_ms, body) VALUES (?, ?, ?)")
          .Bind(source)
          .Bind(now)
          .BindBlob(body)
          .Run();
  return IdAfter(added, database);
}

base::Result<std::int64_t> CountPastWeek(const Database& database, const EpisodeRow& episode,
                                         base::WallMs now) {
  Statement query = database.Prepare(
      "SELECT count(*) FROM episodes"
      " WHERE source = ? AND fingerprint = ? AND starts_at_ms >= ? AND id <> ?");
  query.Bind(episode.source).Bind(episode.fingerprint).Bind(now - kWeekMs).Bind(episode.id);
  if (query.Next()) return query.Int(0);
  return query.status().error();
}

base::Status AddQuarantined(const Database& database, const std::string& source,
                            const std::string& body, const std::string& reason, base::WallMs now) {
  auto added =
      database
          .Prepare(
              "INSERT INTO quarantine (source, received_at_ms, reason, body) VALUES (?, ?, ?, ?)")
          .Bind(source)
          .Bind(now)
          .Bind(reason)
          .BindBlob(body)
          .Run();
  if (!added) return added;
  return database.Prepare(kTrimQuarantine).Bind(kMaxQuarantined).Bind(kMaxQuarantinedBytes).Run();
}

base::Result<std::map<std::string, std::int64_t>> CountOpen(const Store& store) {
  std::map<std::string, std::int64_t> open{{"critical", 0}, {"warning", 0}, {"info", 0}};
  const auto done = store.Read([&](const Database& database) -> base::Status {
    Statement query = database.Prepare(
        "SELECT severity, count(*) FROM episodes WHERE ended_at_ms IS NULL GROUP BY severity");
    while (query.Next()) open[query.Text(0)] = query.Int(1);
    return query.status();
  });
  if (!done) return done.error();
  return open;
}

}  // namespace sidecar::store
