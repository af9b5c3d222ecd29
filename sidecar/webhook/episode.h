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
  base::WallMs last_seen_ms = 0;  // when a webhook last said that it fires
  bool open = false;
};

//   newest episode | firing  | firing, but began after | resolved, not older | resolved,
//                  |         | it was last seen        | than its start      | older
//   ---------------+---------+-------------------------+---------------------+----------
//   none, or ended | kOpen   | kOpen                   | kStale              | kStale
//   open           | kRepeat | kReopen                 | kEnd                | kStale
//
// An ended episode whose alert fires again is a new one, even with the same startsAt: Alertmanager
// sends exactly that when Prometheus was away for a while, and the alert is on again.
//
// While an alert lives, its startsAt only ever moves earlier. One that is later than the last word
// of the open episode, by more than kClockSkew, tells that the alert had ended unseen: one that
// resolves while it is silenced is never sent as resolved.
enum class Step {
  kOpen,    // new episode, people are told
  kReopen,  // the open one ends as "vanished", then as kOpen
  kRepeat,  // folded into the open one: counted, startsAt may move earlier, nobody is told
  kEnd,     // the open one ends, people are told
  kStale,   // about an episode that is over or that we never knew: counted only
};
inline constexpr base::Millis kClockSkew{5 * 60'000};  // of Prometheus' clock and ours, and twins'
std::string_view StepName(Step step);  // metric label: "firing", "reopened", "repeat", ...

Step NextStep(const std::optional<Latest>& latest, const Alert& alert);

}  // namespace sidecar::webhook
