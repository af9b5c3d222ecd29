#include "sidecar/store/find.h"

#include "sidecar/store/columns.h"

namespace sidecar::store {
namespace {

using base::Error;
using base::ErrorCode;

constexpr char kTransitions[] = R"sql(
SELECT id, kind, at_ms, received_at_ms, evidence, peers, tell, tell_at_ms FROM transitions WHERE episode_id = ? ORDER BY id
)sql";

constexpr char kNotifications[] = R"sql(
SELECT outbox.id, key, channel, target, state, subject, transitions.kind, created_at_ms
FROM outbox JOIN transitions ON transitions.id = outbox.transition_id
WHERE transitions.episode_id = ? ORDER BY outbox.id
)sql";

constexpr char kAttempts[] = R"sql(
SELECT number, started_at_ms, ended_at_ms, outcome, code, detail, possible_repeat
FROM attempts WHERE outbox_id = ? ORDER BY id
)sql";

// The conditions of `filter` in the order in which BindFilter gives their values.
std::string Where(const Filter& filter) {
  std::string where = " WHERE 1";
  if (filter.open) where += *filter.open ? " AND ended_at_ms IS NULL" : " AND ended_at_ms NOTNULL";
  if (!filter.severity.empty()) where += " AND severity = ?";
  if (!filter.name.empty()) where += " AND name = ?";
  if (!filter.source.empty()) where += " AND source = ?";
  if (filter.from_ms) where += " AND (ended_at_ms IS NULL OR ended_at_ms >= ?)";
  if (filter.to_ms) where += " AND starts_at_ms <= ?";
  if (filter.before_id) where += " AND id < ?";
  for (std::size_t i = 0; i < filter.labels.size(); ++i) {
    where += " AND EXISTS (SELECT 1 FROM json_each(labels) WHERE key = ? AND value = ?)";
  }
  return where;
}

void BindFilter(const Filter& filter, Statement* query) {
  for (const std::string* text : {&filter.severity, &filter.name, &filter.source}) {
    if (!text->empty()) query->Bind(*text);
  }
  for (const auto& number : {filter.from_ms, filter.to_ms, filter.before_id}) {
    if (number) query->Bind(*number);
  }
  for (const auto& [name, value] : filter.labels) query->Bind(name).Bind(value);
}

base::Status ReadTransitions(const Database& database, EpisodeDetail* detail) {
  Statement rows = database.Prepare(kTransitions);
  rows.Bind(detail->episode.id);
  while (rows.Next()) {
    detail->transitions.push_back({.id = rows.Int(0),
                                   .kind = rows.Text(1),
                                   .at_ms = rows.Int(2),
                                   .received_at_ms = rows.Int(3),
                                   .evidence_json = rows.Text(4),
                                   .peers_json = rows.Text(5),
                                   .tell = rows.Text(6),
                                   .tell_at_ms = rows.MaybeInt(7)});
  }
  return rows.status();
}

base::Status ReadAttempts(const Database& database, NotificationRow* notification) {
  Statement rows = database.Prepare(kAttempts);
  rows.Bind(notification->id);
  while (rows.Next()) {
    notification->attempts.push_back({.number = rows.Int(0),
                                      .started_at_ms = rows.Int(1),
                                      .ended_at_ms = rows.Int(2),
                                      .outcome = rows.Text(3),
                                      .code = rows.Int(4),
                                      .detail = rows.Text(5),
                                      .possible_repeat = rows.Int(6) != 0});
  }
  return rows.status();
}

base::Status ReadNotifications(const Database& database, EpisodeDetail* detail) {
  Statement rows = database.Prepare(kNotifications);
  rows.Bind(detail->episode.id);
  while (rows.Next()) {
    detail->notifications.push_back({.id = rows.Int(0),
                                     .key = rows.Text(1),
                                     .channel = rows.Text(2),
                                     .target = rows.Text(3),
                                     .state = rows.Text(4),
                                     .subject = rows.Text(5),
                                     .kind = rows.Text(6),
                                     .created_at_ms = rows.Int(7)});
    auto read = ReadAttempts(database, &detail->notifications.back());
    if (!read) return read;
  }
  return rows.status();
}

}  // namespace

base::Result<Page> FindEpisodes(const Store& store, const Filter& filter) {
  Page page;
  const auto done = store.Read([&](const Database& database) -> base::Status {
    Statement query = database.Prepare(std::string("SELECT ") + kEpisodeColumns + " FROM episodes" +
                                       Where(filter) + " ORDER BY id DESC LIMIT ?");
    BindFilter(filter, &query);
    query.Bind(std::int64_t{filter.limit} + 1);
    while (query.Next()) page.episodes.push_back(ReadEpisode(query));
    return query.status();
  });
  if (!done) return done.error();
  if (page.episodes.size() > static_cast<std::size_t>(filter.limit)) {
    page.episodes.pop_back();
    page.next_before_id = page.episodes.back().id;
  }
  return page;
}

base::Result<EpisodeDetail> FindEpisode(const Store& store, std::int64_t id) {
  EpisodeDetail detail;
  const auto done = store.Read([&](const Database& database) -> base::Status {
    Transaction snapshot(database, Transaction::Kind::kRead);
    if (!snapshot.begun()) return snapshot.begun();
    Statement query =
        database.Prepare(std::string("SELECT ") + kEpisodeColumns + " FROM episodes WHERE id = ?");
    query.Bind(id);
    if (!query.Next()) {
      if (!query.status()) return query.status();
      return Error{ErrorCode::kNotFound, "no episode " + std::to_string(id)};
    }
    detail.episode = ReadEpisode(query);
    auto transitions = ReadTransitions(database, &detail);
    return transitions ? ReadNotifications(database, &detail) : transitions;
  });
  if (!done) return done.error();
  return detail;
}

}  // namespace sidecar::store
