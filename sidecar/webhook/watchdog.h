#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "sidecar/cgroup/sampler.h"
#include "sidecar/store/store.h"
#include "sidecar/webhook/announce.h"
#include "sidecar/webhook/heartbeat.h"

namespace sidecar::webhook {

// Pages when heartbeats stay away: then nobody would hear of an attack, and no alert can say so.
// The episode MonitoringBlind (source fraud-sidecar, severity critical) is open while heartbeats
// are away, over restarts too, and ends when every source is heard again. Time is counted in this
// run of the process, by the steady clock: a clock that is set pages nobody, and after a start
// there is a whole timeout for the first heartbeat.
class Watchdog {
 public:
  // `wake` is called after a commit that added messages. A `timeout` of 0: people are never told,
  // an open MonitoringBlind ends, and what was heard before this start is forgotten; which is the
  // way to give up a source for good.
  Watchdog(store::Store* store, const cgroup::Sampler* sampler, const base::Clock* clock,
           Policy policy, base::Millis timeout, std::function<void()> wake);

  // By one thread at a time. A failure is logged when it is a new one, and tried again next time.
  void RunOnce();
  // A heartbeat of `source` has come, also one that could not be stored: a full disk is no silence.
  // By any thread.
  void Heard(const std::string& source);
  // fraud_sidecar_heartbeat_age_seconds{source}, absent before the first. By any thread.
  void Collect(base::Sample& out) const;

 private:
  struct Stored {
    std::map<std::string, base::WallMs> last;  // heartbeats, by source
    bool blind = false;                        // the episode is open
  };
  base::Status Look();
  [[nodiscard]] base::Result<Stored> Read() const;
  base::Status Tell(const Alert& alert);

  store::Store* store_;
  const cgroup::Sampler* sampler_;
  const base::Clock* clock_;
  const Policy policy_;
  const base::Millis timeout_;
  const std::function<void()> wake_;
  std::string problem_;  // that was logged last; "": none
  mutable std::mutex mutex_;
  Heartbeats heartbeats_;
};

}  // namespace sidecar::webhook
