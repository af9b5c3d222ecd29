#include "sidecar/store_metrics.h"

#include <algorithm>

#include "sidecar/store/episodes.h"
#include "sidecar/store/outbox.h"

namespace sidecar {

void CollectStore(const store::Store& store, const base::Clock& clock, base::Sample& out) {
  if (const auto open = store::CountOpen(store)) {
    for (const auto& [severity, count] : *open) {
      out.Gauge("fraud_sidecar_episodes_open", "alerts that fire now, by severity",
                {{"severity", severity}}, static_cast<double>(count));
    }
  }
  const auto outbox = store::SummariseOutbox(store);
  if (!outbox) return;
  for (const auto& [state, count] : outbox->rows) {
    out.Gauge("fraud_sidecar_outbox_rows", "messages by state", {{"state", state}},
              static_cast<double>(count));
  }
  const base::WallMs now = clock.Now();
  // The clock may have been set back since, or the row may be held.
  const auto waiting = now - std::min(outbox->oldest_live_ms.value_or(now), now);
  out.Gauge("fraud_sidecar_oldest_undelivered_seconds",
            "age of the oldest message that is not delivered, 0 when none waits", {},
            static_cast<double>(waiting) / 1000);
}

}  // namespace sidecar
