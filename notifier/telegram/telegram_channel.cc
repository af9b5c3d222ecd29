#include "notifier/telegram/telegram_channel.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "base/secret_file.h"
#include "notifier/telegram/call.h"
#include "notifier/telegram/token.h"

namespace notifier {
namespace {

constexpr int kMaxCalls = 3;  // the first, to the supergroup, without the topic
constexpr std::size_t kMaxSupergroups = 1000;
// libcurl looks at a stop, and at its own timeout, within about a second.
constexpr base::Millis kCallSlack{1'000};

SendResult NotSent(std::string detail, std::optional<base::Millis> retry_after = std::nullopt) {
  return {.outcome = Outcome::kTemporary, .detail = std::move(detail), .retry_after = retry_after};
}

}  // namespace

TelegramChannel::TelegramChannel(TelegramOptions options, SendHttp send, const base::Clock* clock)
    : options_(std::move(options)), send_(std::move(send)), clock_(clock) {}

base::Millis TelegramChannel::LongestSend() const {
  return kMaxCalls * (kLongestTurn + options_.timeout + kCallSlack);
}

base::Result<std::string> TelegramChannel::ReadToken() const {
  auto token = base::SecretFile(options_.token_file).Read();
  if (!token.ok()) return token.error().Wrap("bot token file");
  if (IsBotToken(*token)) return token;
  return base::Error{base::ErrorCode::kInvalid,
                     options_.token_file +
                         ": holds no bot token (digits, a colon, 30 or more of "
                         "letters, digits, _ and -)"};
}

std::optional<SendResult> TelegramChannel::WaitTurn(const Chat& chat,
                                                    const std::stop_token& stop) const {
  const base::Millis wait = pacing_.Wait(chat, clock_->Steady());
  if (wait > kLongestTurn) return NotSent("the server asked to leave this chat alone", wait);
  if (wait > base::Millis(0)) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any turn;
    turn.wait_for(lock, stop, wait, [] { return false; });
  }
  if (stop.stop_requested()) return NotSent("stopped before it was sent");
  return std::nullopt;
}

Verdict TelegramChannel::Call(const base::HttpCall& call, const Chat& chat,
                              const std::stop_token& stop) {
  const base::HttpOutcome outcome = send_(call, stop);
  Verdict verdict = Classify(outcome);
  const base::SteadyTime now = clock_->Steady();
  if (outcome.reply.ok() || outcome.sent) pacing_.Sent(chat, now);
  if (verdict.result.retry_after) pacing_.Pause(chat, now + *verdict.result.retry_after, now);
  return verdict;
}

void TelegramChannel::Remember(const std::string& chat_id, const std::string& supergroup) {
  if (supergroups_.size() >= kMaxSupergroups && supergroups_.count(chat_id) == 0) return;
  std::string& known = supergroups_[chat_id];
  if (known == supergroup) return;
  known = supergroup;
  base::log::Warning("telegram_chat_migrated", {{"chat", chat_id}, {"now", supergroup}});
}

bool TelegramChannel::Redirect(const Verdict& verdict, const std::string& chat_id, Way* way) {
  if (verdict.migrate_to && !way->migrated) {
    way->migrated = true;
    way->chat.id = std::to_string(*verdict.migrate_to);
    way->note += "; the group is now " + way->chat.id;
    Remember(chat_id, way->chat.id);
  } else if (verdict.drop_topic && way->chat.topic) {
    way->chat.topic.reset();
    way->note += "; sent without its topic (" + verdict.result.detail + ")";
  } else {
    return false;
  }
  // The quoted message is in another chat, or would lead back into the topic.
  way->attempt.reply_to.clear();
  return true;
}

SendResult TelegramChannel::Send(const Message& message, const Attempt& attempt,
                                 const std::stop_token& stop) {
  const auto target = ParseChat(message.target);
  if (!target.ok()) return {.outcome = Outcome::kPermanent, .detail = target.error().message};
  const auto token = ReadToken();
  // A rotation may be under way: another try reads the file again.
  if (!token.ok()) return NotSent(token.error().message);

  const std::string& api = options_.api_url;
  base::HttpCall call{
      .method = "POST",
      .url = api.substr(0, api.find_last_not_of('/') + 1) + "/bot" + *token + "/sendMessage",
      .headers = {{"Content-Type", "application/json"}},
      .timeout = options_.timeout,
      .ca_file = options_.ca_file,
      .proxy = options_.proxy,
      .keep = true};
  const bool silent = options_.silent_severities.count(message.severity) > 0;
  Way way{.chat = *target, .attempt = attempt};
  if (const auto known = supergroups_.find(target->id); known != supergroups_.end()) {
    way.chat.id = known->second;
    way.attempt.reply_to.clear();
  }
  Verdict verdict;
  for (int calls = 0; calls < kMaxCalls; ++calls) {
    if (const auto not_sent = WaitTurn(way.chat, stop)) return *not_sent;
    call.body = SendMessageBody(message, way.chat, way.attempt, silent);
    verdict = Call(call, way.chat, stop);
    if (!Redirect(verdict, target->id, &way)) break;
  }
  SendResult result = std::move(verdict.result);
  result.detail = TelegramDetail(result.detail + way.note);
  if (TellsToken(result.detail, *token)) result.detail = "(hidden: it held the bot token)";
  return result;
}

}  // namespace notifier
