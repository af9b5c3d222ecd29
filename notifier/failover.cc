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

std::string Code(const SendResult& result) {
  return result.code == 0 ? "" : std::to_string(result.code) + " ";
}

std::string Detail(const SendResult& result) {
  return result.detail.empty() ? "no reason was given" : result.detail;
}

// How a dead way is told, up to the code: what the server says behind it may differ each time.
std::string Refusal(const Message& message, const SendResult& result) {
  return Way(message) + " refuses messages: " + Code(result);
}

// One sentence without its final stop.
std::string Reason(const Claimed& claimed, const Settlement& settlement) {
  const std::string way = Way(claimed.message);
  const SendResult& result = settlement.result;
  const std::string detail = Detail(result);
  if (result.dead) return Refusal(claimed.message, result) + detail;
  if (settlement.state == State::kExpired) {
    return way + " took no message until its time was over, the last word was: " + Code(result) +
           detail;
  }
  return way + " refused a message: " + Code(result) + detail;
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
    if (settlement.result.dead) notice.reason = Refusal(claimed.message, settlement.result);
    Message whole = claimed.message;
    LeadWith(reason + ".", &whole);
    const std::string key = std::string(kNoticeKey) + claimed.message.key + "-";
    const std::string place = std::to_string(notices.size());
    whole.key = key + place;  // once, however often it is tried
    notice.brief.key = key + "t" + std::to_string(claimed.attempt.number) + "-" + place;
    for (Message* message : {&notice.brief, &whole}) {
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
