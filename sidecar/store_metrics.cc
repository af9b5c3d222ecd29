#include "sidecar/store_metrics.h"

#include <algorithm>

#include "sidecar/store/episodes.h"
#include "sidecar/store/outbox.h"

namespace sidecar {
namespace {

void CollectFile(const store::Store& store, base::Sample& out) {
  out.Gauge("fraud_sidecar_history_writable", "0: the newest write failed, alerts are not kept", {},
            store.trouble() ? 0 : 1);
  out.Gauge("fraud_sidecar_history_set_aside",
            "damaged history files (FILE.corrupt-TIME) that nobody has taken away yet", {},
            store.set_aside());
  for (const store::SalvagedTable& table : store.recovered()) {
    out.Gauge("fraud_sidecar_history_recovered_rows",
              "what this start could read of a damaged file, by table", {{"table", table.name}},
              static_cast<double>(table.rows));
  }
}

}  // namespace

void CollectStore(const store::Store& store, const base::Clock& clock, base::Sample& out) {
  CollectFile(store, out);
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
