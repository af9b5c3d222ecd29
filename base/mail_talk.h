#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/curl_client.h"

namespace base {

// What one SMTP conversation has shown so far: how far it got, what the server said last, and
// whether its answer is overdue. Pure: it is told what goes over the wire and what time it is, and
// it keeps nothing of a login.
class MailTalk {
 public:
  MailTalk(Millis phase_timeout, Millis accept_timeout, SteadyTime now)
      : phase_timeout_(phase_timeout), accept_timeout_(accept_timeout), since_(now) {}

  void Connected();                                     // the greeting comes next
  void Sent(std::string_view command, SteadyTime now);  // a command, its line end included
  void Received(std::string_view line);                 // one line of an answer
  void SentPart(SteadyTime now);                        // a piece of the message
  void SentAll(SteadyTime now);                         // the final dot goes out next

  [[nodiscard]] MailPhase phase() const { return phase_; }
  // The wait for the present answer is over its bound; once QUIT was sent, over a moment.
  [[nodiscard]] bool Overdue(SteadyTime now) const;
  // The answer that decides about the message: a refusal (4yz, 5yz) of the last command, or the
  // acceptance (2yz) after the final dot. nullopt: the server has not decided.
  [[nodiscard]] std::optional<MailReply> Verdict() const;

 private:
  void Enter(MailPhase phase);

  const Millis phase_timeout_;
  const Millis accept_timeout_;
  SteadyTime since_;  // when the present wait began
  MailPhase phase_ = MailPhase::kConnect;
  MailReply answer_;  // to the last command; grows by each line of a long answer
  bool complete_ = false;
  bool quitting_ = false;
};

// "waiting for the greeting": for error messages.
std::string_view DescribePhase(MailPhase phase);

}  // namespace base
