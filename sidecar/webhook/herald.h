#pragma once

#include <atomic>
#include <functional>
#include <optional>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "sidecar/cgroup/sampler.h"
#include "sidecar/store/store.h"
#include "sidecar/webhook/announce.h"
#include "sidecar/webhook/storm.h"

// Tells people what the time tells, not a webhook.
namespace sidecar::webhook {

inline constexpr int kMostARound = 100;    // held ends
inline constexpr int kMostReminders = 20;  // a round

// Ends of flapping alerts whose hold is over, at most kMostARound. In a storm, or when there are
// more than Policy::storm_above of them, those that are not critical are left to a summary.
base::Status ReleaseHeld(const Round& round);

// One reminder for each episode that still fires at a whole Policy::remind_every since its startsAt
// (store::DueReminders): one, however long this was down, and none while it is silenced. At most
// kMostReminders.
base::Status Remind(const Round& round);

// Does those two and the storm's summaries. RunOnce is called by one thread.
class Herald {
 public:
  // `wake` is called when there may be new messages. Adds the gauge fraud_sidecar_storm (0 or 1).
  // Lives as long as `metrics` is read.
  Herald(store::Store* store, const cgroup::Sampler* sampler, base::Metrics* metrics, Policy policy,
         std::function<void()> wake);

  // Called each second. Looks first, and writes only when something is due. What fails is done in
  // a later round.
  void RunOnce(base::WallMs now);

 private:
  struct Due {
    bool held = false;
    bool reminders = false;
    StormAct storm = StormAct::kNothing;
    StormView view;
  };
  base::Status Look(const store::Database& database, base::WallMs now, Due* due);
  base::Status LookAtStorm(const store::Database& database, base::WallMs now, Due* due);
  base::Status Do(const Due& due, const Round& round);
  void NoteFailure(const base::Error& error);
  void NoteStorm(bool open, const std::optional<store::EpisodeRow>& episode);

  store::Store* store_;
  const cgroup::Sampler* sampler_;
  const Policy policy_;
  const std::function<void()> wake_;
  std::optional<base::WallMs> exceeded_ms_;  // the storm's limit was; a restart forgets it
  bool failing_ = false;
  bool storm_logged_ = false;  // that there is one
  std::atomic<bool> storm_ = false;
};

}  // namespace sidecar::webhook
