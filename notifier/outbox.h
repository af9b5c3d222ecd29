#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "notifier/channel.h"
#include "notifier/message.h"

namespace notifier {

// The life of a row. Every arrow is one named SQL statement in the store, every try a row in
// `attempts`.
//
//   pending ---ClaimNext--> sending ---Settle--> delivered  accepted
//                             |  ^          |--> failed     refused for good
//                    Settle   |  |          '--> expired    not accepted by the end of its time
//                             v  | ClaimNext, once due
//                    retrying or ambiguous
//
//   retrying   a temporary fault
//   ambiguous  the answer is unknown: the lease ran out, its owner died, or the connection broke
//              after the data. From then on every try is marked "possible repeat"
enum class State { kPending, kSending, kDelivered, kRetrying, kFailed, kAmbiguous, kExpired };
std::string_view StateName(State state);  // as stored, and as a metric label
std::optional<State> ParseState(std::string_view name);

struct Claimed {
  long long id = 0;
  Attempt attempt;
  Message message;
};

// How a try ended and what becomes of the row.
struct Settlement {
  State state = State::kDelivered;  // never kPending or kSending
  base::WallMs due_at_ms = 0;       // for kRetrying and kAmbiguous
  SendResult result;
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
  // (channel, target, thread). A pending row is due at once, and a wait that was
  // reckoned from a later time than `now` is over: a clock that is set back holds no page back.
  // nullopt: nothing is due.
  virtual base::Result<std::optional<Claimed>> ClaimNext(std::string_view channel, base::WallMs now,
                                                         base::Millis lease) = 0;

  // Records the try and moves the row, in one transaction. The row is matched by id AND attempt
  // number AND `sending`: a late answer to a claim that has expired changes no state, but its try
  // is recorded still. kNotFound in that case.
  virtual base::Status Settle(const Claimed& claimed, const Settlement& settlement,
                              base::WallMs now) = 0;
};

}  // namespace notifier
