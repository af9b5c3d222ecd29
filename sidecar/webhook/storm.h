#pragma once

#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "sidecar/store/episodes.h"
#include "sidecar/webhook/announce.h"

// Many alerts at once. What is not critical is then told of in one summary per target, the first
// within kFirstSummary, the next ones kSummaryEvery apart. The storm is an episode of kOwnSource,
// so the summaries are in the history and keep their order: it begins with the oldest transition
// that was left to a summary, and ends when the limit was not exceeded for kStormEnds.
//
// Whoever was told in a summary that an alert fires is told in a summary that it ended, also after
// the storm: those summaries belong to the storm that ended last.
namespace sidecar::webhook {

inline constexpr char kStormFingerprint[] = "storm";
inline constexpr base::Millis kStormWindow{60'000};
inline constexpr base::Millis kFirstSummary{3'000};
inline constexpr base::Millis kSummaryEvery{60'000};
inline constexpr base::Millis kStormEnds{60'000};

// Whether more than Policy::storm_above firings and ends that people are told of were recorded
// within kStormWindow.
base::Result<bool> IsStorm(const store::Database& database, const Policy& policy, base::WallMs now);

enum class StormAct { kNothing, kSummarise, kEnd };

struct StormView {
  std::optional<base::WallMs> oldest_ms;     // of what waits for a summary
  std::optional<store::EpisodeRow> episode;  // the newest storm
  std::optional<base::WallMs> last_told_ms;  // of its newest transition
  base::WallMs exceeded_ms = 0;              // when the limit was exceeded last
};

// A time later than `now` holds nothing back: the clock was set back. Pure.
StormAct NextStormAct(const StormView& view, base::WallMs now);

// One summary of all that waits; opens a storm's episode, unless one is open or this is what came
// after the last one.
base::Status Summarise(const Round& round, const StormView& view);
// Ends the episode, and says so.
base::Status EndStorm(const Round& round, const store::EpisodeRow& episode);

}  // namespace sidecar::webhook
