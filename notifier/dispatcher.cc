#include "notifier/dispatcher.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"

namespace notifier {
namespace {

// What a lease is longer than the channel's longest try: time to settle on a slow disk.
constexpr base::Millis kLeaseMargin{30'000};

constexpr std::array kOutcomes = {Outcome::kDelivered, Outcome::kTemporary, Outcome::kPermanent,
                                  Outcome::kAmbiguous};
// Seconds. Fine where a page should be, then up to the day after which a message is given up.
const std::vector<double> kDelayBuckets = {0.05, 0.1, 0.25, 0.5, 1,   2.5,  5,     10,
                                           30,   60,  120,  300, 900, 3600, 14400, 86400};

base::Counter& OutcomeCounter(base::Metrics* metrics, std::string_view channel, Outcome outcome) {
  return metrics->AddCounter(
      "fraud_sidecar_notifications_total", "Tries to send a message, by what came of them.",
      {{"channel", std::string(channel)}, {"outcome", std::string(OutcomeName(outcome))}});
}

void LogTry(std::string_view channel, const Claimed& claimed, const Settlement& settlement) {
  const SendResult& result = settlement.result;
  const base::log::Fields fields = {{"channel", channel},
                                    {"target", claimed.message.target},
                                    {"key", claimed.message.key},
                                    {"attempt", claimed.attempt.number},
                                    {"outcome", OutcomeName(result.outcome)},
                                    {"state", StateName(settlement.state)},
                                    {"code", result.code},
                                    {"detail", result.detail}};
  if (result.outcome == Outcome::kDelivered) {
    base::log::Info("notification_delivered", fields);
  } else {
    base::log::Warning("notification_failed", fields);
  }
}

}  // namespace

Settlement Decide(const SendResult& result, const Claimed& claimed, const RetryPolicy& policy,
                  base::WallMs now, double random01) {
  State again = State::kRetrying;
  switch (result.outcome) {
    case Outcome::kDelivered:
      return {.state = State::kDelivered, .result = result};
    case Outcome::kPermanent:
      return {.state = State::kFailed, .result = result};
    case Outcome::kTemporary:
      break;
    case Outcome::kAmbiguous:
      again = State::kAmbiguous;
      break;
  }
  const auto due = NextAttempt(policy, claimed.attempt.number, now, claimed.message.created_at_ms,
                               result.retry_after, random01);
  if (!due) return {.state = State::kExpired, .result = result};
  return {.state = again, .due_at_ms = *due, .result = result};
}

Dispatcher::Dispatcher(Outbox* outbox, Channel* channel, const base::Clock* clock,
                       base::Metrics* metrics, RetryPolicy policy, std::function<double()> random01)
    : outbox_(outbox),
      channel_(channel),
      clock_(clock),
      policy_(policy),
      random01_(std::move(random01)),
      lease_(channel->LongestSend() + kLeaseMargin),
      up_(std::make_shared<std::atomic<int>>(-1)) {
  const std::string name(channel->name());
  for (const Outcome outcome : kOutcomes) {
    tries_.at(static_cast<std::size_t>(outcome)) = &OutcomeCounter(metrics, name, outcome);
  }
  delay_ = &metrics->AddHistogram("fraud_sidecar_notification_delay_seconds",
                                  "From the making of a message to its acceptance by the server.",
                                  {{"channel", name}}, kDelayBuckets);
  metrics->AddCollector([up = up_, name](base::Sample& sample) {
    const int value = up->load();
    if (value < 0) return;
    sample.Gauge("fraud_sidecar_channel_up", "Whether the last try reached a server that accepts.",
                 {{"channel", name}}, value);
  });
}

int Dispatcher::RunOnce(const std::stop_token& stop) {
  int tries = 0;
  bool settled = SettleLast();  // what an earlier run could not store
  while (settled && tries < kMaxPerRun && !stop.stop_requested() && SendNext(stop)) {
    ++tries;
    settled = SettleLast();
  }
  return tries;
}

bool Dispatcher::SendNext(const std::stop_token& stop) {
  auto next = outbox_->ClaimNext(channel_->name(), clock_->Now(), lease_);
  if (!next.ok()) {
    StoreFailed("claim", next.error());
    return false;
  }
  if (!next->has_value()) return false;
  Claimed claimed = **std::move(next);
  const SendResult result = channel_->Send(claimed.message, claimed.attempt, stop);
  const base::WallMs now = clock_->Now();
  const Settlement settlement = Decide(result, claimed, policy_, now, random01_());
  Count(claimed, result, now);
  LogTry(channel_->name(), claimed, settlement);
  last_ = Try{.claimed = std::move(claimed), .settlement = settlement};
  return true;
}

// false: the store did not take it, and nothing else should be tried now.
bool Dispatcher::SettleLast() {
  if (!last_) return true;
  const base::Status status = outbox_->Settle(last_->claimed, last_->settlement, clock_->Now());
  if (!status.ok()) StoreFailed("settle", status.error());
  // kNotFound: the claim had expired, its try is recorded, the row is out of our hands.
  const bool done = status.ok() || status.error().code == base::ErrorCode::kNotFound;
  if (done) last_.reset();
  return done;
}

void Dispatcher::Count(const Claimed& claimed, const SendResult& result, base::WallMs now) {
  tries_.at(static_cast<std::size_t>(result.outcome))->Increment();
  switch (result.outcome) {
    case Outcome::kDelivered:
      up_->store(1);
      // The wall clock may have been set back meanwhile.
      delay_->Observe(
          static_cast<double>(std::max<base::WallMs>(0, now - claimed.message.created_at_ms)) /
          1000);
      break;
    case Outcome::kTemporary:
    case Outcome::kAmbiguous:
      up_->store(0);
      break;
    case Outcome::kPermanent:  // about one mailbox: says nothing of the server
      break;
  }
}

void Dispatcher::StoreFailed(const char* doing, const base::Error& error) {
  base::log::Error("outbox_error", {{"doing", doing},
                                    {"channel", channel_->name()},
                                    {"code", base::ErrorName(error.code)},
                                    {"error", error.message}});
}

}  // namespace notifier
