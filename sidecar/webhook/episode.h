#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "sidecar/webhook/payload.h"

// An episode is one alert of one source from its first firing to its resolved. The rules here are
// pure; sidecar/store keeps the rows.
namespace sidecar::webhook {

// The newest episode of the alert's (source, fingerprint).
struct Latest {
  std::int64_t id = 0;
  base::WallMs starts_at_ms = 0;
  bool open = false;
};

//   newest episode | firing  | resolved, not older than its start | resolved, older
//   ---------------+---------+------------------------------------+-----------------
//   none, or ended | kOpen   | kStale                             | kStale
//   open           | kRepeat | kEnd                               | kStale
//
// An ended episode whose alert fires again is a new one, even with the same startsAt: Alertmanager
// sends exactly that when Prometheus was away for a while, and the alert is on again.
enum class Step {
  kOpen,    // new episode, people are told
  kRepeat,  // folded into the open one: counted, startsAt may move earlier, nobody is told
  kEnd,     // the open one ends, people are told
  kStale,   // about an episode that is over or that we never knew: counted only
};
std::string_view StepName(Step step);  // metric label: "firing", "repeat", "resolved", "stale"

Step NextStep(const std::optional<Latest>& latest, const Alert& alert);

}  // namespace sidecar::webhook
