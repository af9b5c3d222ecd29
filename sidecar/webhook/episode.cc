#include "sidecar/webhook/episode.h"

namespace sidecar::webhook {

std::string_view StepName(Step step) {
  switch (step) {
    case Step::kOpen:
      return "firing";
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
  if (alert.firing) return open ? Step::kRepeat : Step::kOpen;
  if (!open) return Step::kStale;
  const bool older = alert.ends_at_ms && *alert.ends_at_ms < latest->starts_at_ms;
  return older ? Step::kStale : Step::kEnd;
}

}  // namespace sidecar::webhook
