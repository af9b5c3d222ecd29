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

// The alert as its episode keeps it: what a message tells when no alert came in.
Alert AlertOf(const store::EpisodeRow& episode);

// Writes what one batch of news means: episodes, transitions, and at the end the messages. Made,
// used and dropped inside one Work of the store; after an Error the Work must fail.
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
  base::Status Open(const Alert& alert);
  base::Status End(const Alert& alert, store::EpisodeRow episode);
  base::Status Vanish(const store::EpisodeRow& episode);
  base::Status AddTransition(const Alert& alert, const store::EpisodeRow& episode);

  const store::Database& database_;
  const std::string instance_;
  const Policy& policy_;
  const Origin origin_;
  std::map<Step, int> steps_;
  std::vector<Announcement> announcements_;
};

}  // namespace sidecar::webhook
