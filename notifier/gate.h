#pragma once

#include <stop_token>
#include <string>

#include "base/clock.h"
#include "notifier/outbox.h"

namespace notifier {

// What is known elsewhere of a message that is about to be sent.
struct Passage {
  enum class Word {
    kSend,        // nobody else sent it
    kSendMarked,  // somebody may have: "possible repeat"
    kElsewhere,   // another one's server accepted it: it must not be sent again
    kWait,        // another one is sending it now: ask again at `until_ms`
  };
  Word word = Word::kSend;
  base::WallMs until_ms = 0;  // of kWait
  std::string detail;         // who said so, for the history
  std::string provider_id;    // of kElsewhere: what the server called it
};

// Asked once per claim, before the channel. Answers within LongestAsk(), whatever happens; who
// cannot answer says kSend or kSendMarked: a page that comes twice is better than none.
class Gate {
 public:
  virtual ~Gate() = default;
  [[nodiscard]] virtual base::Millis LongestAsk() const = 0;
  virtual Passage Ask(const Claimed& claimed, const std::stop_token& stop) = 0;
};

}  // namespace notifier
