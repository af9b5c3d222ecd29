#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "sidecar/store/store.h"

// Episodes and transitions as rows. Labels, annotations and evidence are JSON texts here; who
// writes and reads them is above. The functions that take a Database run inside the caller's Work.
namespace sidecar::store {

struct EpisodeRow {
  std::int64_t id = 0;
  std::string source;  // the name bound to the webhook's token
  std::string fingerprint;
  std::string name;
  std::string severity;
  std::string labels_json = "{}";
  std::string annotations_json = "{}";
  std::string generator_url;
  base::WallMs starts_at_ms = 0;
  std::optional<base::WallMs> ended_at_ms;
  std::string end_reason;
  base::WallMs first_seen_ms = 0;
  base::WallMs last_seen_ms = 0;
  std::int64_t seen_count = 0;  // webhooks that said it fires
  std::int64_t flaps = 0;       // how often it fired again before its end was told
  bool late = false;            // found by asking Alertmanager, which had not told of it
  std::optional<base::WallMs> listed_at_ms;    // when an Alertmanager last listed it
  bool silenced = false;                       // there
  std::optional<base::WallMs> reminded_at_ms;  // when people were last told singly that it fires
};

struct TransitionRow {
  std::int64_t id = 0;
  // "firing"; "resolved", "silenced", "vanished"; "refired", "reminder", "summary"
  std::string kind;
  base::WallMs at_ms = 0;
  base::WallMs received_at_ms = 0;
  std::string evidence_json;
  std::string peers_json = "[]";
  std::string tell = "told";  // schema.cc
  std::optional<base::WallMs> tell_at_ms;
  std::optional<std::int64_t> webhook_id;  // that brought it; absent: it was concluded
};

struct AttemptRow {
  std::int64_t number = 0;
  base::WallMs started_at_ms = 0;
  base::WallMs ended_at_ms = 0;
  std::string outcome;
  std::int64_t code = 0;
  std::string detail;
  bool possible_repeat = false;
};

struct NotificationRow {
  std::int64_t id = 0;
  std::string key, channel, target, state, subject;
  std::string kind;  // of its transition
  base::WallMs created_at_ms = 0;
  std::vector<AttemptRow> attempts;
};

// The newest episode of (source, fingerprint).
base::Result<std::optional<EpisodeRow>> LatestEpisode(const Database& database,
                                                      const std::string& source,
                                                      const std::string& fingerprint);
base::Result<std::int64_t> AddEpisode(const Database& database, const EpisodeRow& episode);
// Counts one more firing; startsAt only ever moves earlier.
base::Status FoldRepeat(const Database& database, std::int64_t id, base::WallMs starts_at_ms,
                        base::WallMs now);
base::Status EndEpisode(const Database& database, std::int64_t id, base::WallMs ended_at_ms,
                        const std::string& reason, base::WallMs now);
base::Result<std::int64_t> AddTransition(const Database& database, std::int64_t episode_id,
                                         const TransitionRow& transition,
                                         std::optional<std::int64_t> webhook_id);
base::Result<std::int64_t> AddWebhook(const Database& database, const std::string& source,
                                      const std::string& body, base::WallMs now);
// Other episodes of the same alert that began in the last 7 days.
base::Result<std::int64_t> CountPastWeek(const Database& database, const EpisodeRow& episode,
                                         base::WallMs now);

// Keeps a body that can never parse; the oldest go when there are more or larger ones than this.
base::Status AddQuarantined(const Database& database, const std::string& source,
                            const std::string& body, const std::string& reason, base::WallMs now);
inline constexpr std::int64_t kMaxQuarantined = 100;
inline constexpr std::int64_t kMaxQuarantinedBytes = 32 << 20;

// Open episodes by severity, for metrics; the project's own severities also with 0.
base::Result<std::map<std::string, std::int64_t>> CountOpen(const Store& store);

}  // namespace sidecar::store
