#include "notifier/failover.h"

#include "notifier/lead.h"
#include "notifier/parts.h"

namespace notifier {
namespace {

// "Telegram chat -100": what a person calls it.
std::string Way(const Message& message) {
  if (message.channel == "telegram") return "Telegram chat " + message.target;
  if (message.channel == "email") return "Mailbox " + message.target;
  return message.channel + " " + message.target;
}

std::string Mend(const Message& message, const SendResult& result) {
  if (message.channel == "email") {
    return "look at the mailbox, and at our account on the mail server";
  }
  if (result.code == 401 || result.code == 404) return "put a valid bot token into the token file";
  return "let the bot into the chat again, or name another chat";
}

std::string Said(const SendResult& result) {
  const std::string code = result.code == 0 ? "" : std::to_string(result.code) + " ";
  return code + (result.detail.empty() ? "no reason was given" : result.detail);
}

// One sentence without its final stop.
std::string Reason(const Claimed& claimed, const Settlement& settlement) {
  const std::string way = Way(claimed.message);
  const std::string said = Said(settlement.result);
  if (settlement.result.dead) return way + " refuses messages: " + said;
  if (settlement.state == State::kExpired) {
    return way + " took no message until its time was over, the last word was: " + said;
  }
  return way + " refused a message: " + said;
}

Message Brief(const Claimed& claimed, const Settlement& settlement, const std::string& reason) {
  const Message& lost = claimed.message;
  Message brief{.thread = std::string(kNoticeKey) + lost.channel + "-" + lost.target,
                .subject = "[NOTICE] " + Way(lost) + " does not get its messages"};
  brief.text = reason + ".\nNot delivered there: " + lost.subject + "\nYou still get alerts here";
  if (settlement.result.dead) brief.text += "; mend it: " + Mend(lost, settlement.result);
  brief.text += ".\n";
  brief.bold = {{0, reason.size()}};
  brief.severity = lost.severity;
  brief.alert = lost.alert;
  brief.episode = lost.episode;
  return brief;
}

}  // namespace

bool IsNotice(const Message& message) { return message.key.starts_with(kNoticeKey); }

std::vector<Notice> Notices(const Claimed& claimed, const Settlement& settlement,
                            const std::vector<Recipient>& everybody, base::WallMs now) {
  const bool lost = settlement.state == State::kFailed || settlement.state == State::kExpired;
  if (IsNotice(claimed.message) || !(lost || settlement.result.dead)) return {};
  const std::string reason = Reason(claimed, settlement);
  std::vector<Notice> notices;
  notices.reserve(everybody.size());
  for (const auto& [channel, target] : everybody) {
    if (channel == claimed.message.channel) continue;
    Notice notice{.brief = Brief(claimed, settlement, reason)};
    Message whole = claimed.message;
    LeadWith(reason + ".", &whole);
    for (Message* message : {&notice.brief, &whole}) {
      message->key =
          std::string(kNoticeKey) + claimed.message.key + "-" + std::to_string(notices.size());
      message->channel = channel;
      message->target = target;
      message->part = 1;
      message->created_at_ms = now;
      message->not_before_ms = 0;
    }
    notice.whole = Parts(whole);
    notices.push_back(std::move(notice));
  }
  return notices;
}

}  // namespace notifier
