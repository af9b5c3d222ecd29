#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "sidecar/cgroup/sampler.h"
#include "sidecar/store/episodes.h"
#include "sidecar/webhook/announce.h"
#include "sidecar/webhook/episode.h"
#include "sidecar/webhook/payload.h"

namespace sidecar::webhook {

// Where news of alerts came from.
struct Origin {
  std::string source;                      // the name behind the token
  std::optional<std::int64_t> webhook_id;  // of the stored body, if it was one
  base::WallMs now = 0;
  cgroup::CpuEvidence evidence;
  bool late = false;  // it was asked for: nobody had told of it
};

// The name in place of a token's of what this program itself tells: monitoring is blind, a storm.
inline constexpr char kOwnSource[] = "fraud-sidecar";

// The alert as its episode keeps it: what a message tells when no alert came in.
Alert AlertOf(const store::EpisodeRow& episode);

// What NextStep has to know of the newest episode of an alert.
base::Result<std::optional<Latest>> LatestOf(const store::Database& database,
                                             const std::optional<store::EpisodeRow>& row);

// Writes what one batch of news means: episodes, transitions, and at the end the messages. Made,
// used and dropped inside one Work of the store; after an Error the Work must fail.
//
// What is told, and when, of a firing or an end whose severity people are told of:
//   at once       messages in the outbox
//   held          an end, by HoldDown: herald.h tells it, unless the alert fires again before
//   in a summary  what is not critical, while there are more than Policy::storm_above a minute; and
//                 the end of each episode whose firing was told in a summary, also after the storm
class Recorder {
 public:
  // `instance` is the store's.
  Recorder(const store::Database* database, std::string instance, const Policy* policy,
           Origin origin);

  // By NextStep.
  base::Status Apply(const Alert& alert);
  // Ends an open episode that nobody said is over. `reason`: "resolved", "silenced", "vanished".
  base::Status EndByAbsence(const store::EpisodeRow& episode, base::WallMs ended_at_ms,
                            const std::string& reason);
  // The messages of all that was applied, the most urgent first. Called once, last.
  base::Status Announce();

  [[nodiscard]] const std::map<Step, int>& steps() const { return steps_; }

 private:
  base::Status Take(Step step, const Alert& alert, const std::optional<store::EpisodeRow>& row);
  base::Status Open(const Alert& alert, bool known);  // known: there were episodes of it
  base::Status Repeat(const Alert& alert, const store::EpisodeRow& episode);
  base::Status Refire(const Alert& alert, const store::EpisodeRow& episode);
  base::Status End(const Alert& alert, store::EpisodeRow episode);
  base::Status Vanish(const store::EpisodeRow& episode);
  base::Status AddTransition(const Alert& alert, const store::EpisodeRow& episode);
  base::Status AddSilently(const store::EpisodeRow& episode, const std::string& kind,
                           base::WallMs at_ms);
  [[nodiscard]] base::Result<base::WallMs> EarliestStart(const Alert& alert,
                                                         const store::EpisodeRow& episode) const;
  [[nodiscard]] base::Status DecideTelling(const store::EpisodeRow& episode,
                                           store::TransitionRow* transition) const;
  [[nodiscard]] bool IsStormByItself() const { return told_of_ >= policy_.storm_above; }
  base::Status LeaveToSummary();

  const store::Database& database_;
  const std::string instance_;
  const Policy& policy_;
  const Origin origin_;
  const std::string evidence_json_;  // of all its transitions: a webhook may bring thousands
  std::map<Step, int> steps_;
  std::vector<Announcement> announcements_;  // not critical: never more than storm_above
  std::int64_t told_of_ = 0;                 // firings and ends that people are told of
};

}  // namespace sidecar::webhook
