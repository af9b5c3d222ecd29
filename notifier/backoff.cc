#include "notifier/backoff.h"

#include <algorithm>
#include <cmath>

namespace notifier {

std::optional<base::WallMs> NextAttempt(const RetryPolicy& policy, int attempts, base::WallMs now,
                                        base::WallMs created_at,
                                        std::optional<base::Millis> retry_after, double random01) {
  // A power too large for a double is infinity, which the cap takes away again.
  const double grown = static_cast<double>(policy.first.count()) *
                       std::pow(policy.factor, std::max(0, attempts - 1));
  const double full = std::min(grown, static_cast<double>(policy.longest.count()));
  const double spread = 0.5 + 0.5 * std::clamp(random01, 0.0, 1.0);
  base::WallMs wait = std::llround(full * spread);
  if (retry_after) wait = std::max(wait, base::WallMs{retry_after->count()});

  // Compared without adding to `now`, so that no retry_after can overflow.
  const base::WallMs left = created_at + policy.give_up.count() - now;
  if (wait > left) return std::nullopt;
  return now + wait;
}

}  // namespace notifier
