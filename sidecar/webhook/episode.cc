#include "sidecar/webhook/episode.h"

#include <algorithm>

namespace sidecar::webhook {

std::string_view StepName(Step step) {
  switch (step) {
    case Step::kOpen:
      return "firing";
    case Step::kReopen:
      return "reopened";
    case Step::kRepeat:
      return "repeat";
    case Step::kEnd:
      return "resolved";
    case Step::kStale:
      return "stale";
  }
  return "stale";
}

Step NextStep(const std::optional<Latest>& latest, const Alert& alert) {
  const bool open = latest && latest->open;
  if (alert.firing) {
    if (!open) return Step::kOpen;
    const base::WallMs last_word = std::max(latest->last_seen_ms, latest->starts_at_ms);
    return alert.starts_at_ms > last_word + kClockSkew.count() ? Step::kReopen : Step::kRepeat;
  }
  if (!open) return Step::kStale;
  const bool older = alert.ends_at_ms && *alert.ends_at_ms < latest->starts_at_ms;
  return older ? Step::kStale : Step::kEnd;
}

}  // namespace sidecar::webhook
