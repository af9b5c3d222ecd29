#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "notifier/backoff.h"
#include "notifier/channel.h"
#include "notifier/failover.h"
#include "notifier/gate.h"
#include "notifier/network.h"
#include "notifier/outbox.h"
#include "notifier/try_report.h"

namespace notifier {

// Pure: what becomes of a row after `result`. kPending: nothing was tried, it is to be released.
Settlement Decide(const SendResult& result, const Claimed& claimed, const RetryPolicy& policy,
                  base::WallMs now, double random01);

// What a Dispatcher asks and whom it tells; all of it may be left out. The pointers outlive it.
struct Advice {
  Gate* gate = nullptr;        // asked between claim and send
  Network* network = nullptr;  // nullptr: each failure is the server's
  std::vector<Recipient> everybody;
};

// Moves the rows of one channel: claim, ask the gate, send, decide, settle. Not thread-safe; a
// PeriodicWorker calls RunOnce. Each try goes to `report`. Errors of the outbox are logged; who
// implements it counts them.
class Dispatcher {
 public:
  // The lease is the channel's LongestSend(), the gate's LongestAsk() and a margin, so that a claim
  // never expires under a try that is still running.
  Dispatcher(Outbox* outbox, Channel* channel, const base::Clock* clock, TryReport* report,
             RetryPolicy policy, std::function<double()> random01, Advice advice = {});

  // Sends what is due, at most `kMaxPerRun` rows. The number of rows taken. When the store cannot
  // take an outcome, the run ends and the next one begins with it, before anything is claimed: a
  // store that is busy for a moment makes no message repeat. Without a network here nothing is
  // claimed but one row each kProbeEvery, which is released again and burns no try.
  int RunOnce(const std::stop_token& stop);
  static constexpr int kMaxPerRun = 100;
  static constexpr base::Millis kProbeEvery{3'000};
  static constexpr base::Millis kShortestWait{100};  // of a row that the gate holds back

 private:
  // What the store did not take yet.
  struct Try {
    Claimed claimed;
    Settlement settlement;
  };

  bool SendNext(const std::stop_token& stop);
  // What the gate says instead of a try; nullopt: send it.
  std::optional<Settlement> AskGate(Claimed* claimed, const std::stop_token& stop);
  Settlement Send(const Claimed& claimed, const std::stop_token& stop);
  bool SettleLast();
  void StoreFailed(const char* doing, const base::Error& error);

  Outbox* outbox_;
  Channel* channel_;
  const base::Clock* clock_;
  TryReport* report_;
  RetryPolicy policy_;
  std::function<double()> random01_;
  Advice advice_;
  base::Millis lease_;
  std::optional<Try> last_;
  std::optional<base::SteadyTime> next_probe_;  // while there is no network
};

}  // namespace notifier
