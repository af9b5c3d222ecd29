#include "notifier/dispatcher.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace notifier {
namespace {

// What a lease is longer than the longest ask and try: time to settle on a slow disk.
constexpr base::Millis kLeaseMargin{30'000};

// Compared without adding, so that no time can overflow.
bool IsOver(const RetryPolicy& policy, const Message& message, base::WallMs now) {
  return now - message.created_at_ms > policy.give_up.count();
}

}  // namespace

Settlement Decide(const SendResult& result, const Claimed& claimed, const RetryPolicy& policy,
                  base::WallMs now, double random01) {
  State again = State::kRetrying;
  switch (result.outcome) {
    case Outcome::kDelivered:
    case Outcome::kElsewhere:
      return {.state = State::kDelivered, .result = result};
    case Outcome::kPermanent:
      return {.state = State::kFailed, .result = result};
    case Outcome::kOffline:
    case Outcome::kWaiting:
      if (IsOver(policy, claimed.message, now)) return {.state = State::kExpired, .result = result};
      return {.state = State::kPending, .due_at_ms = now, .result = result};
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
                       TryReport* report, RetryPolicy policy, std::function<double()> random01,
                       Advice advice)
    : outbox_(outbox),
      channel_(channel),
      clock_(clock),
      report_(report),
      policy_(policy),
      random01_(std::move(random01)),
      advice_(std::move(advice)),
      lease_(channel->LongestSend() + kLeaseMargin) {
  if (advice_.gate != nullptr) lease_ += advice_.gate->LongestAsk();
}

int Dispatcher::RunOnce(const std::stop_token& stop) {
  int rows = 0;
  bool settled = SettleLast();  // what an earlier run could not store
  while (settled && rows < kMaxPerRun && !stop.stop_requested() &&
         !(next_probe_ && clock_->Steady() < *next_probe_) && SendNext(stop)) {
    ++rows;
    settled = SettleLast();
  }
  return rows;
}

bool Dispatcher::SendNext(const std::stop_token& stop) {
  auto next = outbox_->ClaimNext(channel_->name(), clock_->Now(), lease_);
  if (!next.ok()) {
    StoreFailed("claim", next.error());
    return false;
  }
  if (!next->has_value()) return false;
  Claimed claimed = **std::move(next);
  auto settlement = AskGate(&claimed, stop);
  if (!settlement) settlement = Send(claimed, stop);
  const base::WallMs now = clock_->Now();
  settlement->notices = Notices(claimed, *settlement, advice_.everybody, now);
  report_->Note(claimed, *settlement, now);
  last_ = Try{.claimed = std::move(claimed), .settlement = std::move(*settlement)};
  return true;
}

std::optional<Settlement> Dispatcher::AskGate(Claimed* claimed, const std::stop_token& stop) {
  // One that is at the end of its time goes out, whatever others do: each wait has an end.
  if (advice_.gate == nullptr || IsOver(policy_, claimed->message, clock_->Now())) {
    return std::nullopt;
  }
  Passage passage = advice_.gate->Ask(*claimed, stop);
  switch (passage.word) {
    case Passage::Word::kSend:
      return std::nullopt;
    case Passage::Word::kSendMarked:
      claimed->attempt.possible_repeat = true;
      return std::nullopt;
    case Passage::Word::kElsewhere:
      return Settlement{.state = State::kDelivered,
                        .result = {.outcome = Outcome::kElsewhere,
                                   .detail = std::move(passage.detail),
                                   .provider_id = std::move(passage.provider_id)}};
    case Passage::Word::kWait:
      // As for one that waits for the network the row records no try.
      return Settlement{
          .state = State::kPending,
          .due_at_ms = std::max(passage.until_ms, clock_->Now() + kShortestWait.count()),
          .result = {.outcome = Outcome::kWaiting, .detail = std::move(passage.detail)}};
  }
  return std::nullopt;
}

Settlement Dispatcher::Send(const Claimed& claimed, const std::stop_token& stop) {
  SendResult result = channel_->Send(claimed.message, claimed.attempt, stop);
  if (advice_.network != nullptr && advice_.network->IsDown(channel_->name(), result)) {
    result.outcome = Outcome::kOffline;
  }
  next_probe_.reset();
  if (result.outcome == Outcome::kOffline) next_probe_ = clock_->Steady() + kProbeEvery;
  return Decide(result, claimed, policy_, clock_->Now(), random01_());
}

// false: the store did not take it, and nothing else should be tried now.
bool Dispatcher::SettleLast() {
  if (!last_) return true;
  const auto& [claimed, settlement] = *last_;
  const base::WallMs now = clock_->Now();
  const base::Status status = settlement.state == State::kPending
                                  ? outbox_->Release(claimed, settlement.due_at_ms, now)
                                  : outbox_->Settle(claimed, settlement, now);
  if (!status.ok()) StoreFailed("settle", status.error());
  // kNotFound: the claim had expired, its try is recorded, the row is out of our hands.
  const bool done = status.ok() || status.error().code == base::ErrorCode::kNotFound;
  if (done) last_.reset();
  return done;
}

void Dispatcher::StoreFailed(const char* doing, const base::Error& error) {
  base::log::Error("outbox_error", {{"doing", doing},
                                    {"channel", channel_->name()},
                                    {"code", base::ErrorName(error.code)},
                                    {"error", error.message}});
}

}  // namespace notifier
