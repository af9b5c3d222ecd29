#include "sidecar/peers/peer_gate.h"

#include "base/log.h"
#include "sidecar/peers/decide.h"
#include "sidecar/peers/question.h"
#include "sidecar/store/deliveries.h"

namespace sidecar::peers {

using notifier::Passage;

namespace {

Heard Hear(const Peer& peer, int position, const base::Result<std::string>& body) {
  Heard heard{.name = peer.name, .before_us = peer.position < position};
  if (!body) {
    base::log::Warning("peer_unanswered", {{"error", body.error().message}});
    return heard;
  }
  auto answer = ParseAnswer(*body);
  if (answer) {
    heard.answer = std::move(*answer);
  } else {
    base::log::Warning("peer_garbage", {{"peer", peer.name}, {"error", answer.error().message}});
  }
  return heard;
}

}  // namespace

PeerGate::PeerGate(const store::Store* store, const Asker* asker, const base::Clock* clock,
                   int position, base::Millis hold)
    : store_(store),
      asker_(asker),
      clock_(clock),
      position_(position),
      hold_(hold),
      began_(clock->Steady()) {}

Passage PeerGate::Ask(const notifier::Claimed& claimed, const std::stop_token& stop) {
  if (asker_->others().empty()) return {};
  const auto subject = store::SubjectOf(*store_, claimed.id);
  if (!subject) {
    return {.word = Passage::Word::kSendMarked, .detail = subject.error().message};
  }
  if (!*subject) return {};
  const std::string question = QuestionJson(**subject);
  std::vector<Letter> letters;
  letters.reserve(asker_->others().size());
  for (const Peer& peer : asker_->others()) {
    letters.push_back({peer, "POST", "/api/v1/peer/delivery", question});
  }
  const auto bodies = asker_->Ask(letters, {.timeout = kTimeout}, stop);
  std::vector<Heard> heard;
  heard.reserve(letters.size());
  for (std::size_t i = 0; i < letters.size(); ++i) {
    heard.push_back(Hear(letters[i].to, position_, bodies[i]));
  }
  return Decide(heard, {.now = clock_->Now(),
                        .ours_ms = claimed.message.created_at_ms + position_ * hold_.count(),
                        .hold = hold_,
                        .fresh = clock_->Steady() - began_ < kFresh});
}

}  // namespace sidecar::peers
