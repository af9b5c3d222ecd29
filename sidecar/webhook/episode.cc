#include "sidecar/webhook/episode.h"

#include <algorithm>

namespace sidecar::webhook {
namespace {

bool IsTwin(const Latest& ended, const Alert& alert, base::WallMs now) {
  const base::WallMs age = now - ended.end_stored_ms;
  return ended.said && alert.starts_at_ms <= ended.ended_at_ms && age >= 0 &&
         age <= kTwinWindow.count();
}

base::WallMs FiresSince(const Latest& open) { return std::max(open.starts_at_ms, open.refired_ms); }

}  // namespace

std::string_view StepName(Step step) {
  switch (step) {
    case Step::kOpen:
      return "firing";
    case Step::kReopen:
      return "reopened";
    case Step::kRepeat:
      return "repeat";
    case Step::kRefire:
      return "refired";
    case Step::kTwin:
      return "twin";
    case Step::kEnd:
      return "resolved";
    case Step::kStale:
      return "stale";
  }
  return "stale";
}

Step NextStep(const std::optional<Latest>& latest, const Alert& alert, bool pair,
              base::WallMs now) {
  const bool open = latest && latest->open;
  if (alert.firing) {
    if (!latest) return Step::kOpen;
    if (!open) {
      if (pair && IsTwin(*latest, alert, now)) return Step::kTwin;
      return latest->untold ? Step::kRefire : Step::kOpen;
    }
    const base::WallMs last_word = std::max(latest->last_seen_ms, FiresSince(*latest));
    return alert.starts_at_ms > last_word + kClockSkew.count() ? Step::kReopen : Step::kRepeat;
  }
  if (!open) return Step::kStale;
  const base::WallMs since = FiresSince(*latest);
  const bool older = alert.ends_at_ms && *alert.ends_at_ms < since && alert.starts_at_ms < since;
  return older ? Step::kStale : Step::kEnd;
}

base::Millis HoldDown(std::int64_t earlier) {
  if (earlier <= 0) return base::Millis(0);
  constexpr std::int64_t kEnoughDoublings = 5;  // 32 minutes
  const base::Millis hold(std::int64_t{60'000} << std::min(earlier - 1, kEnoughDoublings));
  return std::min(hold, kLongestHold);
}

bool IsAbsurd(base::WallMs at, base::WallMs now) {
  constexpr base::WallMs kCentury = std::int64_t{36'525} * 24 * 3600 * 1000;
  return at <= 0 || at > now + kCentury;
}

bool DropAbsurdTimes(const std::optional<Latest>& latest, base::WallMs now, Alert* alert) {
  const bool start = IsAbsurd(alert->starts_at_ms, now);
  const bool end = alert->ends_at_ms && IsAbsurd(*alert->ends_at_ms, now);
  if (start) alert->starts_at_ms = latest && latest->open ? latest->starts_at_ms : now;
  if (end) alert->ends_at_ms.reset();
  return start || end;
}

}  // namespace sidecar::webhook
