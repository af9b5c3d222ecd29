#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "notifier/channel.h"
#include "notifier/message.h"

namespace notifier {

// The life of a row. Every arrow is one named SQL statement in sidecar/store/outbox_arrows.cc,
// every try a row in `attempts`.
//
//      .--------Release---------.   nothing was tried
//      v                        |
//   pending ---ClaimNext---> sending ---Deliver---> delivered   accepted
//      |                      |   ^ |---Fail------> failed      refused for good
//      |   Retry, Doubt,      |   | '---Expire----> expired     not accepted by the end of its time
//      |   LoseClaim          v   | ClaimNext, once due
//      |               retrying, ambiguous
//      |---AdoptSent---> delivered    it was sent out of memory before it could be recorded
//      '---AdoptDoubt--> ambiguous    ... and nobody knows yet whether it was accepted
//   pending, retrying, ambiguous ---SettleElsewhere---> delivered   by another sidecar
//   retrying   a temporary fault
//   ambiguous  the answer is unknown: the lease ran out, its owner died, or the connection broke
//              after the data. From then on every try is marked "possible repeat"
enum class State { kPending, kSending, kDelivered, kRetrying, kFailed, kAmbiguous, kExpired };
std::string_view StateName(State state);  // as stored, and as a metric label
std::optional<State> ParseState(std::string_view name);
bool IsLive(State state);  // it is still to be sent: pending, sending, retrying, ambiguous

struct Claimed {
  long long id = 0;
  Attempt attempt;
  Message message;
};

// For another target, when a message could not go its own way.
struct Notice {
  // If that target has a row of its own for the same news (thread and created_at_ms). Not again
  // within kNoticeEvery, unless the target that is in trouble accepted something since that was
  // first tried, or none of these notices begins with `reason`.
  Message brief;
  std::string reason;
  std::vector<Message> whole;  // else: the news itself, led by the reason
};
inline constexpr base::Millis kNoticeEvery{24 * 3'600'000};

// How a try ended and what becomes of the row.
struct Settlement {
  State state = State::kDelivered;  // never kPending or kSending
  base::WallMs due_at_ms = 0;       // for kRetrying and kAmbiguous
  SendResult result;
  std::vector<Notice> notices;  // become rows, unless their keys are there already
};

// Where messages wait. The contract that tests/notifier/outbox_contract.h checks for each
// implementation. Thread-safe.
class Outbox {
 public:
  virtual ~Outbox() = default;

  // Takes the next due row of `channel` and makes it `sending`, with attempts + 1 and a lease until
  // now + lease, on disk before it returns. First every `sending` row whose lease ran out, or whose
  // owner is not this process, becomes `ambiguous` and due. A row waits while an older row of the
  // same (channel, target, thread) is still live, so a "resolved" never overtakes its "firing"; it
  // never waits for a row of another thread. Urgent rows come first, then the one that is due the
  // longest. attempt.reply_to is what the server called the first accepted message of the row's
  // (channel, target, thread). A new row is due at max(created_at_ms, not_before_ms). A wait that
  // was reckoned from a later time than `now`, or a row that was made later, is due at once: a
  // clock that is set back holds no page back. nullopt: nothing is due.
  virtual base::Result<std::optional<Claimed>> ClaimNext(std::string_view channel, base::WallMs now,
                                                         base::Millis lease) = 0;

  // Records the try, moves the row and adds the notices, in one transaction. The row is matched by
  // id AND attempt number AND `sending`: a late answer to a claim that has expired changes no state
  // and tells nobody, but its try is recorded still. kNotFound in that case. A claim that was
  // marked possible_repeat stays so.
  virtual base::Status Settle(const Claimed& claimed, const Settlement& settlement,
                              base::WallMs now) = 0;

  // Gives a claim back of which nothing was tried: pending again and due at `due_at_ms`, one
  // try less, none recorded. Matched as by Settle; kNotFound.
  virtual base::Status Release(const Claimed& claimed, base::WallMs due_at_ms,
                               base::WallMs now) = 0;
};

}  // namespace notifier
