#include "base/mail_talk.h"

#include <algorithm>

namespace base {
namespace {

// QUIT is a courtesy: the message is decided when it is sent.
constexpr Millis kQuitWait{500};
constexpr std::size_t kMaxTextBytes = 200;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Printable ASCII only, so that the text is safe in a log line and in JSON.
std::string Printable(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == '\n' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  std::string result(text);
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return result;
}

}  // namespace

void MailTalk::Enter(MailPhase phase) { phase_ = std::max(phase_, phase); }

void MailTalk::Connected() { Enter(MailPhase::kGreeting); }

// The lines of a login are passed over: only the words of the commands that follow it count.
void MailTalk::Sent(std::string_view command, SteadyTime now) {
  if (command.starts_with("QUIT\r")) {
    quitting_ = true;
  } else {
    answer_ = {};
    complete_ = false;
  }
  since_ = now;
  Enter(MailPhase::kLogin);
  if (command.starts_with("MAIL FROM:")) Enter(MailPhase::kSender);
  if (command.starts_with("RCPT TO:")) Enter(MailPhase::kRecipient);
  // In base64, "DATA" might be a line of a login.
  if (phase_ == MailPhase::kRecipient && command.starts_with("DATA\r")) Enter(MailPhase::kData);
}

void MailTalk::Received(std::string_view line) {
  if (quitting_ || line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, IsDigit)) return;
  Enter(MailPhase::kGreeting);
  if (complete_) answer_ = {};  // a further answer without a command: the newest counts
  answer_.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  complete_ = line.size() == 3 || line[3] != '-';
  if (line.size() > 4 && answer_.text.size() < kMaxTextBytes) {
    const std::string text = Printable(line.substr(4));
    if (!answer_.text.empty() && !text.empty()) answer_.text += ' ';
    answer_.text = (answer_.text + text).substr(0, kMaxTextBytes);
  }
}

void MailTalk::SentPart(SteadyTime now) { since_ = now; }

void MailTalk::SentAll(SteadyTime now) {
  since_ = now;
  answer_ = {};
  complete_ = false;
  Enter(MailPhase::kAfterData);
}

bool MailTalk::Overdue(SteadyTime now) const {
  Millis bound = phase_ == MailPhase::kAfterData ? accept_timeout_ : phase_timeout_;
  if (quitting_) bound = kQuitWait;
  return now - since_ >= bound;
}

std::optional<MailReply> MailTalk::Verdict() const {
  if (!complete_) return std::nullopt;
  const bool refused = answer_.code >= 400 && answer_.code < 600;
  const bool accepted = phase_ == MailPhase::kAfterData && answer_.code / 100 == 2;
  return refused || accepted ? std::optional(answer_) : std::nullopt;
}

std::string_view DescribePhase(MailPhase phase) {
  switch (phase) {
    case MailPhase::kConnect:
      return "connecting";
    case MailPhase::kGreeting:
      return "waiting for the greeting";
    case MailPhase::kLogin:
      return "waiting for the answer to EHLO, STARTTLS or the login";
    case MailPhase::kSender:
      return "waiting for the answer to the sender";
    case MailPhase::kRecipient:
      return "waiting for the answer to the recipient";
    case MailPhase::kData:
      return "sending the message";
    case MailPhase::kAfterData:
      return "waiting for the answer to the message";
  }
  return "talking";
}

}  // namespace base
