#include "sidecar/peers/peer_gate.h"

#include "base/log.h"
#include "notifier/failover.h"
#include "sidecar/peers/question.h"
#include "sidecar/store/deliveries.h"
#include "sidecar/store/messages.h"

namespace sidecar::peers {

using notifier::Passage;

namespace {

// What no other sidecar has the like of.
bool IsOurAlone(const notifier::Message& message) {
  return notifier::IsNotice(message) || message.key.starts_with(store::kTestKey);
}

}  // namespace

PeerGate::PeerGate(const store::Store* store, const Asker* asker, Roster* roster,
                   const base::Clock* clock, base::Millis hold)
    : store_(store),
      asker_(asker),
      roster_(roster),
      clock_(clock),
      hold_(hold),
      began_(clock->Steady()) {}

Heard PeerGate::Hear(const Peer& peer, const Identity& own, const base::Result<std::string>& body) {
  Heard silent{.name = peer.name, .before_us = peer.position < own.position};
  if (!body) {
    base::log::Warning("peer_unanswered", {{"error", body.error().message}});
    if (body.error().code == base::ErrorCode::kDenied) roster_->Refused(peer);
    if (body.error().code == base::ErrorCode::kTimeout) LetRest(peer);
    return silent;
  }
  auto answer = ParseAnswer(*body);
  if (!answer) {
    asker_->NoteGarbage(peer, answer.error().message);
    return silent;
  }
  roster_->Met(peer, answer->who);
  return Understand(peer, std::move(*answer), own);
}

void PeerGate::LetRest(const Peer& peer) {
  const std::lock_guard lock(mutex_);
  rests_until_[peer.position] = clock_->Steady() + kRest;
}

std::vector<Heard> PeerGate::HearAll(const std::string& question, const Identity& own,
                                     const std::stop_token& stop) {
  std::vector<Heard> heard;
  std::vector<Letter> letters;
  heard.reserve(asker_->others().size());
  letters.reserve(asker_->others().size());
  {
    const std::lock_guard lock(mutex_);
    for (const Peer& peer : asker_->others()) {
      if (clock_->Steady() < rests_until_[peer.position]) {
        heard.push_back({.name = peer.name, .before_us = peer.position < own.position});
      } else {
        letters.push_back({peer, "POST", "/api/v1/peer/delivery", question});
      }
    }
  }
  const auto bodies = asker_->Ask(letters, {.timeout = kTimeout}, stop);
  for (std::size_t i = 0; i < letters.size(); ++i) {
    heard.push_back(Hear(letters[i].to, own, bodies[i]));
  }
  return heard;
}

Passage PeerGate::Ask(const notifier::Claimed& claimed, const std::stop_token& stop) {
  if (asker_->others().empty()) return {};
  const auto subject = store::SubjectOf(*store_, claimed.id);
  if (!subject) {
    return {.word = Passage::Word::kSendMarked, .detail = subject.error().message};
  }
  if (!*subject) {
    if (IsOurAlone(claimed.message)) return {};
    return {.word = Passage::Word::kSendMarked,
            .detail = "its alert was lost when the history was recovered: nobody can be asked"};
  }
  if ((*subject)->part > 1) {
    const auto first = store::OwnFirstPart(*store_, claimed.id);
    if (first && *first == store::FirstPart::kPlain) return {};
    if (first && *first == store::FirstPart::kMarked) {
      return {.word = Passage::Word::kSendMarked, .detail = "the first part was marked"};
    }
  }
  const Identity own = roster_->own();
  const auto heard = HearAll(QuestionJson(**subject), own, stop);
  return Decide(heard, {.now = clock_->Now(),
                        .ours_ms = claimed.message.created_at_ms + own.position * hold_.count(),
                        .hold = hold_,
                        .fresh = clock_->Steady() - began_ < kFresh});
}

}  // namespace sidecar::peers
