#include "sidecar/peers/decide.h"

namespace sidecar::peers {
namespace {

using notifier::Passage;
using notifier::State;

// Why the message might be a repeat, as far as this one tells; "": it tells of none.
std::string Doubt(const Heard& heard, bool late) {
  if (heard.itself) return heard.name + " is this sidecar itself, another was not asked";
  if (!heard.answer) {
    return heard.before_us || late ? heard.name + " did not answer" : "";
  }
  if (!heard.answer->state) return "";
  switch (*heard.answer->state) {
    case State::kSending:
      return heard.name + " is sending it too";
    case State::kAmbiguous:
      return heard.name + " may have sent it";
    case State::kDelivered:  // settled before
    case State::kPending:
    case State::kRetrying:
    case State::kFailed:
    case State::kExpired:
      return "";
  }
  return "";
}

const Heard* WhoDelivered(const std::vector<Heard>& heard) {
  const Heard* found = nullptr;
  for (const Heard& each : heard) {
    if (!each.answer || each.answer->state != State::kDelivered) continue;
    if (found == nullptr || found->answer->provider_id.empty()) found = &each;
  }
  return found;
}

// When the last lease ends that is worth waiting for.
std::optional<base::WallMs> WaitFor(const std::vector<Heard>& heard, const Turn& turn) {
  std::optional<base::WallMs> until;
  for (const Heard& each : heard) {
    if (!each.before_us || !each.answer || each.answer->state != State::kSending) continue;
    const base::WallMs end = turn.now + each.answer->lease_ends_in.count();
    if (end <= turn.ours_ms + turn.hold.count() && end > until.value_or(turn.now)) until = end;
  }
  return until;
}

}  // namespace

Heard Understand(const Peer& peer, Answer answer, const Identity& own) {
  Heard heard{.name = answer.name.empty() ? peer.name : answer.name,
              .before_us = peer.position < own.position};
  if (const auto& identity = answer.who.identity) {
    heard.before_us = identity->position < own.position;
    heard.itself = identity->run == own.run;
  }
  if (!heard.itself) heard.answer = std::move(answer);
  return heard;
}

Passage Decide(const std::vector<Heard>& heard, const Turn& turn) {
  if (const Heard* told = WhoDelivered(heard)) {
    return {.word = Passage::Word::kElsewhere,
            .detail = "delivered by " + told->name,
            .provider_id = told->answer->provider_id};
  }
  if (const auto until = WaitFor(heard, turn)) {
    return {
        .word = Passage::Word::kWait, .until_ms = *until, .detail = "another one is sending it"};
  }
  const bool late = turn.fresh || turn.now >= turn.ours_ms + turn.hold.count();
  for (const Heard& each : heard) {
    if (std::string doubt = Doubt(each, late); !doubt.empty()) {
      return {.word = Passage::Word::kSendMarked, .detail = std::move(doubt)};
    }
  }
  return {.word = Passage::Word::kSend};
}

}  // namespace sidecar::peers
