#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "notifier/outbox.h"

namespace notifier {

// What is counted and logged of one channel's tries. Metrics:
// fraud_sidecar_notifications_total{channel,outcome}, fraud_sidecar_dead_tries_total{channel}
// (refused, and so will be the next until somebody mends it),
// fraud_sidecar_notification_delay_seconds{channel} (created to accepted) and
// fraud_sidecar_channel_up{channel} (1 after an accepted try, 0 after one that got no answer or a
// temporary one; absent before the first). A try without a network here counts nowhere; a wait for
// another sidecar counts as "waiting". Used by the channel's one thread; outlived by `metrics`.
class TryReport {
 public:
  TryReport(base::Metrics* metrics, std::string channel);

  void Note(const Claimed& claimed, const Settlement& settlement, base::WallMs now);

 private:
  void Count(const Claimed& claimed, const SendResult& result, base::WallMs now);

  const std::string channel_;
  // By Outcome. Made at the start, so that each is exported as 0 before its first.
  std::array<base::Counter*, kOutcomes.size()> tries_ = {};
  base::Counter* dead_;
  base::Histogram* delay_;
  // -1 unknown, else 0 or 1. Shared with the collector, which may live longer than this.
  std::shared_ptr<std::atomic<int>> up_;
};

}  // namespace notifier
