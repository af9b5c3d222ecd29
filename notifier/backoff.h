#pragma once

#include <optional>

#include "base/clock.h"

namespace notifier {

struct RetryPolicy {
  base::Millis first{2'000};  // before the second try
  double factor = 2.0;
  base::Millis longest{5 * 60'000};      // cap of one wait
  base::Millis give_up{24 * 3'600'000};  // after the message was created
};

// When to try again after `attempts` tries, or nullopt when that would be later than created_at +
// give_up. The wait is first * factor^(attempts-1), capped, then spread over [1/2, 1] of itself by
// random01 in [0, 1) so that many waiting rows do not come back together; `retry_after`, which a
// channel takes from the server (Telegram's up to an hour), is never undercut. Pure.
std::optional<base::WallMs> NextAttempt(const RetryPolicy& policy, int attempts, base::WallMs now,
                                        base::WallMs created_at,
                                        std::optional<base::Millis> retry_after, double random01);

}  // namespace notifier
