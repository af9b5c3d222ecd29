#include "notifier/try_report.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"

namespace notifier {
namespace {

// Seconds. Fine where a page should be, then up to the day after which a message is given up.
const std::vector<double> kDelayBuckets = {0.05, 0.1, 0.25, 0.5, 1,   2.5,  5,     10,
                                           30,   60,  120,  300, 900, 3600, 14400, 86400};

void Log(const std::string& channel, const Claimed& claimed, const Settlement& settlement) {
  const SendResult& result = settlement.result;
  const notifier::Message& message = claimed.message;
  const base::log::Fields fields = {
      {"alert", message.alert},
      {"episode", message.episode == 0 ? "" : std::to_string(message.episode)},
      {"channel", channel},
      {"target", message.target},
      {"key", message.key},
      {"attempt", claimed.attempt.number},
      {"outcome", OutcomeName(result.outcome)},
      {"state", StateName(settlement.state)},
      {"code", result.code},
      {"dead", result.dead},
      {"detail", result.detail}};
  if (settlement.state == State::kDelivered) {
    base::log::Info("notification_delivered", fields);
  } else if (settlement.state == State::kExpired) {
    base::log::Error("notification_expired", fields);
  } else {
    base::log::Warning("notification_failed", fields);
  }
}

}  // namespace

TryReport::TryReport(base::Metrics* metrics, std::string channel)
    : channel_(std::move(channel)),
      dead_(&metrics->AddCounter("fraud_sidecar_dead_tries_total",
                                 "Tries refused for a reason that somebody has to mend.",
                                 {{"channel", channel_}})),
      delay_(&metrics->AddHistogram("fraud_sidecar_notification_delay_seconds",
                                    "From the making of a message to its acceptance by the server.",
                                    {{"channel", channel_}}, kDelayBuckets)),
      up_(std::make_shared<std::atomic<int>>(-1)) {
  for (const Outcome outcome : kOutcomes) {
    if (outcome == Outcome::kOffline) continue;
    tries_.at(static_cast<std::size_t>(outcome)) = &metrics->AddCounter(
        "fraud_sidecar_notifications_total", "Tries to send a message, by what came of them.",
        {{"channel", channel_}, {"outcome", std::string(OutcomeName(outcome))}});
  }
  metrics->AddCollector([up = up_, name = channel_](base::Sample& sample) {
    const int value = up->load();
    if (value < 0) return;
    sample.Gauge("fraud_sidecar_channel_up", "Whether the last try reached a server that accepts.",
                 {{"channel", name}}, value);
  });
}

void TryReport::Note(const Claimed& claimed, const Settlement& settlement, base::WallMs now) {
  Count(claimed, settlement.result, now);
  if (settlement.state != State::kPending) Log(channel_, claimed, settlement);
}

void TryReport::Count(const Claimed& claimed, const SendResult& result, base::WallMs now) {
  if (result.dead) dead_->Increment();
  base::Counter* tries = tries_.at(static_cast<std::size_t>(result.outcome));
  if (tries != nullptr) tries->Increment();
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
    case Outcome::kElsewhere:
    case Outcome::kOffline:
    case Outcome::kWaiting:
      break;
  }
}

}  // namespace notifier
