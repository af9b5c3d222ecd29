#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "notifier/gate.h"
#include "sidecar/peers/asker.h"
#include "sidecar/peers/identity.h"
#include "sidecar/peers/question.h"

namespace sidecar::peers {

// What one of the others said of a message.
struct Heard {
  std::string name;
  bool before_us = true;         // its place is lower: its turn was before ours
  std::optional<Answer> answer;  // absent: dead, too late, garbage, or this process itself
  bool itself = false;           // nobody but us was asked
};

// What the answer of the one listed as `peer` is worth to us. Who answers as this very process says
// nothing. Whether its turn was before ours goes by the position that it says it has, as far as it
// does: wherever lists differ, two can never both be before the other, and so never both wait.
Heard Understand(const Peer& peer, Answer answer, const Identity& own);

// Whose turn it is.
struct Turn {
  base::WallMs now = 0;
  base::WallMs ours_ms = 0;  // created + position x hold: the message was not due before
  base::Millis hold{0};
  bool fresh = false;  // this process began a short while ago: it may have slept through its turn
};

// Whether we send, over what the others said. Pure; the first line that fits counts.
//
//   anyone said `delivered`                               kElsewhere: nothing else stops it
//   one before us is sending, and its lease ends within   kWait for that end: so a row waits for
//   one hold of our own turn                              one hold in all, whatever is said then
//   anyone is sending, or its outcome is not known        kSendMarked
//   one before us did not answer                          kSendMarked
//   one behind us did not answer, but its turn may have   kSendMarked
//   come: we are late, or fresh
//   one turned out to be this process: another was meant  kSendMarked
//   else (waits, failed, expired, never heard of it)      kSend
//
// Each claims its row on disk before it asks, so of two that send the same message the later asker
// hears of the other, or is not answered: there is no repeat that is not marked.
notifier::Passage Decide(const std::vector<Heard>& heard, const Turn& turn);

}  // namespace sidecar::peers
