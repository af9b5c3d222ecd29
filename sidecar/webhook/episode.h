#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "sidecar/webhook/payload.h"

// An episode is one alert of one source from its first firing to its resolved. The rules here are
// pure; recorder.h applies them, sidecar/store keeps the rows.
namespace sidecar::webhook {

// The newest episode of the alert's (source, fingerprint).
struct Latest {
  std::int64_t id = 0;
  base::WallMs starts_at_ms = 0;
  base::WallMs last_seen_ms = 0;  // when a webhook last said that it fires
  bool open = false;
  base::WallMs refired_ms = 0;  // of an open one that fired again: the startsAt of that; else 0
  // Of one that ended:
  base::WallMs ended_at_ms = 0;
  base::WallMs end_stored_ms = 0;  // when that was recorded, by our clock
  bool said = true;                // an Alertmanager said so; else concluded from its absence
  bool untold = false;             // people are still to be told of it
};

//   newest episode | firing  | firing, but began after | firing, but began  | resolved | resolved,
//                  |         | it was last seen        | before it ended (4) |          | older (5)
//   ---------------+---------+-------------------------+--------------------+----------+----------
//   none           | kOpen   | kOpen                   | -                  | kStale   | kStale
//   open           | kRepeat | kReopen (3)             | -                  | kEnd     | kStale
//   ended, untold  | kRefire | kRefire (2)             | kTwin              | kStale   | kStale
//   ended          | kOpen   | kOpen (1)               | kTwin              | kStale   | kStale
//
// (1) An ended episode whose alert fires again is a new one, even with the same startsAt:
//     Alertmanager sends exactly that when Prometheus was away for a while, and it is on again.
// (2) Unless people do not know of the end yet (HoldDown, storm): to them it has fired all the
//     time, so it is still the same episode. One episode, one end that is told.
// (3) While an alert lives, its startsAt only ever moves earlier. One that is later than the last
//     word of the open episode, by more than kClockSkew, tells that the alert had ended unseen: one
//     that resolves while it is silenced is never sent as resolved.
// (4) Of a pair of Alertmanagers only, within kTwinWindow of the record of an end that was said:
//     the slower twin's word about what is over. Should the alert be on after all, whoever asks
//     Alertmanager each minute finds it; with one Alertmanager there is no such word, see (1).
// (5) Both its start and its end lie before the start of what fires now: of the episode or, since a
//     kRefire, of that. It never closes a newer episode.
//
// What holds for every sequence of alerts:
//   - at most one episode of a (source, fingerprint) is open, and it is the newest
//   - ended_at >= starts_at, and starts_at is the earliest startsAt that was seen of it
//   - an alert that was absent from a webhook is no news: groups are cut (truncatedAlerts)
//   - after a told firing comes one told end before the next told firing, but for kReopen, whose
//     new firing tells it
enum class Step {
  kOpen,    // new episode, people are told
  kReopen,  // the open one ends as "vanished", then as kOpen
  kRepeat,  // folded into the open one: counted, startsAt may move earlier, nobody is told
  kRefire,  // the ended one is open again, its end is told to nobody
  kTwin,    // folded into the ended one: counted only
  kEnd,     // the open one ends, people are told, after HoldDown
  kStale,   // about an episode that is over or that we never knew: counted only
};
inline constexpr Step kSteps[] = {Step::kOpen, Step::kReopen, Step::kRepeat, Step::kRefire,
                                  Step::kTwin, Step::kEnd,    Step::kStale};
inline constexpr base::Millis kClockSkew{5 * 60'000};  // of Prometheus' clock and ours, and twins'
inline constexpr base::Millis kTwinWindow{5 * 60'000};
std::string_view StepName(Step step);  // metric label: "firing", "reopened", "repeat", ...

// `pair`: the alert comes from one of several Alertmanagers, and was not asked for.
Step NextStep(const std::optional<Latest>& latest, const Alert& alert, bool pair, base::WallMs now);

// How long the end of an alert is kept back, to see whether it lasts, that had `earlier` other ends
// within kFlapWindow: nothing for the first, then 1, 2, 4, ... minutes, at most kLongestHold.
base::Millis HoldDown(std::int64_t earlier);
inline constexpr base::Millis kFlapWindow{60 * 60'000};
inline constexpr base::Millis kLongestHold{30 * 60'000};

// A time that no wrong clock explains: before 1970, or more than a century ahead of `now` (a
// machine whose clock has no battery begins in 1970).
bool IsAbsurd(base::WallMs at, base::WallMs now);

// Takes absurd times out of *alert: such a start becomes that of the open episode, or `now`; such
// an end becomes absent, which means now. false, and the alert as it was: there is none.
bool DropAbsurdTimes(const std::optional<Latest>& latest, base::WallMs now, Alert* alert);

}  // namespace sidecar::webhook
