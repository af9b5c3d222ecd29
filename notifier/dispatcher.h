#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "base/metrics.h"
#include "notifier/backoff.h"
#include "notifier/channel.h"
#include "notifier/outbox.h"

namespace notifier {

// Pure: what becomes of a row after `result`.
Settlement Decide(const SendResult& result, const Claimed& claimed, const RetryPolicy& policy,
                  base::WallMs now, double random01);

// Moves the rows of one channel: claim, send, decide, settle. Not thread-safe; a PeriodicWorker
// calls RunOnce. Logs a line per try. Metrics: fraud_sidecar_notifications_total{channel,outcome},
// fraud_sidecar_notification_delay_seconds{channel} (created to accepted),
// fraud_sidecar_channel_up{channel} (1 after an accepted try, 0 after one that got no answer or a
// temporary one; absent before the first). Errors of the outbox are logged; who implements it
// counts them.
class Dispatcher {
 public:
  // The lease is the channel's LongestSend() plus a margin, so that a claim never expires under a
  // try that is still running.
  Dispatcher(Outbox* outbox, Channel* channel, const base::Clock* clock, base::Metrics* metrics,
             RetryPolicy policy, std::function<double()> random01);

  // Sends what is due, at most `kMaxPerRun` rows. The number of tries made. When the store cannot
  // take an outcome, the run ends and the next one begins with it, before anything is claimed: a
  // store that is busy for a moment makes no message repeat.
  int RunOnce(const std::stop_token& stop);
  static constexpr int kMaxPerRun = 100;

 private:
  // Channel::Send was called, but the store did not take the outcome yet.
  struct Try {
    Claimed claimed;
    Settlement settlement;
  };

  bool SendNext(const std::stop_token& stop);
  bool SettleLast();
  void Count(const Claimed& claimed, const SendResult& result, base::WallMs now);
  void StoreFailed(const char* doing, const base::Error& error);

  Outbox* outbox_;
  Channel* channel_;
  const base::Clock* clock_;
  RetryPolicy policy_;
  std::function<double()> random01_;
  base::Millis lease_;
  std::optional<Try> last_;
  // By Outcome. Made at the start, so that each is exported as 0 before its first.
  std::array<base::Counter*, 4> tries_ = {};
  base::Histogram* delay_;
  // -1 unknown, else 0 or 1. Shared with the collector, which may live longer than this.
  std::shared_ptr<std::atomic<int>> up_;
};

}  // namespace notifier
