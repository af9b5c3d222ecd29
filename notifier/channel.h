#pragma once

#include <array>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "notifier/message.h"

namespace notifier {

// What is known after a try.
enum class Outcome {
  kDelivered,  // accepted by the server
  kTemporary,  // not accepted, worth another try
  kPermanent,  // refused for this message or mailbox: another try cannot help
  kAmbiguous,  // it may have been accepted; nobody can know
  kElsewhere,  // another sidecar's server accepted it; nothing was sent from here
  kOffline,    // nothing left this machine: there is no network here
  kWaiting,    // nothing was tried: another sidecar is sending it now
};
inline constexpr std::array kOutcomes = {
    Outcome::kDelivered, Outcome::kTemporary, Outcome::kPermanent, Outcome::kAmbiguous,
    Outcome::kElsewhere, Outcome::kOffline,   Outcome::kWaiting};
std::string_view OutcomeName(Outcome outcome);  // as stored, and as a metric label

struct SendResult {
  Outcome outcome = Outcome::kTemporary;
  int code = 0;             // the protocol's answer, 0: none
  std::string detail;       // one redacted line for the history
  std::string provider_id;  // the server's own name for the message, if it gave one
  std::optional<base::Millis> retry_after;
  bool dead = false;       // this way to the person is closed until somebody mends it
  bool unreached = false;  // no byte left: no route, or no address for the server's name
};

struct Attempt {
  int number = 1;                // 1 for the first
  bool possible_repeat = false;  // an earlier try was ambiguous: the message must say so
  // The provider_id of the first message of this thread that was accepted; "": there is none.
  std::string reply_to;
};

// A way to a person. Send is called from one thread at a time per channel and returns within
// LongestSend().
class Channel {
 public:
  virtual ~Channel() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual base::Millis LongestSend() const = 0;
  virtual SendResult Send(const Message& message, const Attempt& attempt,
                          const std::stop_token& stop) = 0;
};

}  // namespace notifier
