#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sidecar/store/listed.h"
#include "sidecar/webhook/alertmanager.h"

// What to do about the difference between what fires by the Alertmanagers and what is open by our
// history. Pure; reconciler.h asks and stores.
namespace sidecar::webhook {

struct ReconcilePolicy {
  base::Millis settle{5 * 60'000};  // Prometheus fills an Alertmanager that began anew by then
  int polls = 3;
};

// One poll of all Alertmanagers, in the order of their flags. nullopt: no answer that can be used.
struct Survey {
  base::WallMs asked_at_ms = 0;  // before the first was asked
  base::WallMs now = 0;          // when all had answered
  std::vector<std::optional<ManagerAnswer>> answers;
};

// Whether a webhook has spoken of it since the Alertmanagers were asked: then it is newer than
// their answers. A time that lies ahead is from before the clock was set back, so it tells nothing.
bool SeenSince(base::WallMs last_seen_ms, const Survey& survey);

// What is remembered from one round to the next. Made anew at each start of the process.
struct ReconcileMemory {
  struct Watch {
    // By Alertmanager: when the one that last listed the episode had started.
    std::vector<std::optional<base::WallMs>> listed_by;
    int missed = 0;  // rounds running in which nobody listed it
  };
  std::map<std::int64_t, Watch> watches;     // by open episode
  std::map<std::string, base::WallMs> mute;  // by fingerprint: since when it should have been told
  bool answered = false;                     // there was an answer before
};

struct ReconcilePlan {
  struct Listed {
    std::int64_t id = 0;
    bool silenced = false;
  };
  struct End {
    store::OpenEpisode episode;
    base::WallMs ended_at_ms = 0;
    std::string reason;
  };
  std::vector<Listed> listed;
  std::vector<Alert> open;
  std::vector<End> end;
};

// `open` are the open episodes of the Alertmanagers' source.
//
// Opened is an alert that an Alertmanager lists as active, that none lists as suppressed, that has
// no open episode and whose webhook is overdue: tells_within has passed since the latest of
//   - startsAt;
//   - the first round that found it like this, unless that was the first round with any answer:
//     then it fired while this process was not there, and its webhook may have been lost. So what
//     fired long before is opened at once after a start, while an alert that has just begun, comes
//     out of a silence, or has just ended here, is left to Alertmanager's own webhook.
// Heartbeats are not opened.
//
// Ended is an open episode that no Alertmanager lists, in `polls` rounds running in each of which
// all answered and all had been up for `settle`, and of which no webhook spoke meanwhile.
// The end was when it was last listed or told of. The reason:
//   silenced   it was suppressed when it was last listed
//   resolved   an Alertmanager listed it, has not started anew since, and does no longer
//   vanished   nobody knows: they started anew since, or never listed it
// An Alertmanager that does not answer, or began a moment ago, therefore ends nothing.
ReconcilePlan Reconcile(const ReconcilePolicy& policy, const Survey& round,
                        const std::vector<store::OpenEpisode>& open, ReconcileMemory* memory);

}  // namespace sidecar::webhook
