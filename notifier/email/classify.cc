#include "notifier/email/classify.h"

#include <algorithm>

namespace notifier {
namespace {

constexpr std::size_t kMaxDetailBytes = 300;

// RFC 4954 6: authentication required, mechanism too weak, credentials invalid, encryption needed.
bool IsAboutLogin(int code) { return code == 530 || code == 534 || code == 535 || code == 538; }

Outcome OfReply(int code, base::MailPhase phase) {
  if (code / 100 == 2) return Outcome::kDelivered;
  const bool about_message = phase >= base::MailPhase::kRecipient && !IsAboutLogin(code);
  return code / 100 == 5 && about_message ? Outcome::kPermanent : Outcome::kTemporary;
}

// It speaks of the way to the mailbox (login, sender, recipient), not of this message.
bool IsDead(int code, base::MailPhase phase) {
  const bool way = phase >= base::MailPhase::kLogin && phase <= base::MailPhase::kRecipient;
  return code / 100 == 5 && (way || IsAboutLogin(code));
}

// One line of printable ASCII, whatever the other side said.
std::string Detail(const std::string& text) {
  std::string detail = text.substr(0, kMaxDetailBytes);
  std::replace_if(
      detail.begin(), detail.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return detail;
}

}  // namespace

SendResult Classify(const base::MailOutcome& outcome) {
  if (!outcome.reply.ok()) {
    const bool unknown = outcome.phase == base::MailPhase::kAfterData;
    return {.outcome = unknown ? Outcome::kAmbiguous : Outcome::kTemporary,
            .detail = Detail(outcome.reply.error().message),
            .unreached = outcome.unreached};
  }
  const base::MailReply& reply = *outcome.reply;
  return {.outcome = OfReply(reply.code, outcome.phase),
          .code = reply.code,
          .detail = Detail(reply.text),
          .dead = IsDead(reply.code, outcome.phase)};
}

}  // namespace notifier
