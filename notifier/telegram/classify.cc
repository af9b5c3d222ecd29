#include "notifier/telegram/classify.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>

#include "notifier/telegram/token.h"

namespace notifier {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxDetailBytes = 300;
constexpr std::int64_t kMaxRetryAfterSeconds = 3600;

// The Bot API's own answer: an object with a boolean `ok`.
struct Answer {
  bool ok = false;
  json whole;

  [[nodiscard]] const json* Find(const char* object, const char* key) const {
    const auto outer = whole.find(object);
    if (outer == whole.end() || !outer->is_object()) return nullptr;
    const auto inner = outer->find(key);
    return inner == outer->end() ? nullptr : &*inner;
  }
  // nullopt: not there, or no number of 64 bits.
  [[nodiscard]] std::optional<std::int64_t> Integer(const char* object, const char* key) const {
    const json* value = Find(object, key);
    if (value == nullptr || !value->is_number_integer()) return std::nullopt;
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (value->is_number_unsigned() && value->get<std::uint64_t>() > kMax) return std::nullopt;
    return value->get<std::int64_t>();
  }
  [[nodiscard]] std::string Description() const {
    const auto found = whole.find("description");
    return found != whole.end() && found->is_string() ? found->get<std::string>() : "";
  }
};

std::optional<Answer> Parse(const std::string& body) {
  json whole = json::parse(body, nullptr, false);
  if (!whole.is_object()) return std::nullopt;
  const auto ok = whole.find("ok");
  if (ok == whole.end() || !ok->is_boolean()) return std::nullopt;
  const bool value = ok->get<bool>();
  return Answer{.ok = value, .whole = std::move(whole)};
}

// Whether the description holds one of these, which are in lower case.
bool Tells(std::string description, std::initializer_list<std::string_view> words) {
  std::transform(description.begin(), description.end(), description.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return description.find(word) != std::string::npos;
  });
}

// "message thread not found", "TOPIC_CLOSED", "TOPIC_DELETED", "TOPIC_ID_INVALID", ...
bool IsAboutTopic(const std::string& description) {
  return Tells(description, {"thread", "topic"});
}

// "chat not found", "PEER_ID_INVALID", "group chat was deactivated", "user is deactivated", "bot
// was kicked", "not enough rights to send", "have no rights to send", "CHAT_WRITE_FORBIDDEN", ...
bool IsAboutChat(const std::string& description) {
  return Tells(description, {"chat not found", "peer_id_invalid", "deactivated", "kicked",
                             "rights to send", "write_forbidden", "chat_restricted"});
}

std::optional<std::int64_t> Seconds(const std::string& header) {
  std::int64_t seconds = 0;
  const char* end = header.data() + header.size();
  const auto [stop, error] = std::from_chars(header.data(), end, seconds);
  if (error != std::errc() || stop != end) return std::nullopt;
  return seconds;
}

base::Millis RetryAfter(const base::HttpReply& reply, const std::optional<Answer>& answer) {
  std::optional<std::int64_t> seconds;
  if (answer) seconds = answer->Integer("parameters", "retry_after");
  const auto header = reply.headers.find("retry-after");
  if (!seconds && header != reply.headers.end()) seconds = Seconds(header->second);
  if (!seconds || *seconds < 1) seconds = 1;
  return std::chrono::seconds(std::min(*seconds, kMaxRetryAfterSeconds));
}

Verdict OfAccepted(const std::optional<Answer>& answer) {
  const auto id = answer && answer->ok ? answer->Integer("result", "message_id") : std::nullopt;
  if (!id) {
    return {.result = {.outcome = Outcome::kAmbiguous,
                       .detail = "a success without the Bot API's message id"}};
  }
  // 0: it is scheduled, and its later id is not told. Nothing can refer to it.
  return {.result = {.outcome = Outcome::kDelivered,
                     .detail = "accepted",
                     .provider_id = *id > 0 ? std::to_string(*id) : ""}};
}

// A refusal in the Bot API's own words.
Verdict OfRefusal(int status, const Answer& answer) {
  Verdict verdict;
  if (status == 400) {
    verdict.migrate_to = answer.Integer("parameters", "migrate_to_chat_id");
    if (verdict.migrate_to == 0) verdict.migrate_to.reset();
    verdict.drop_topic = !verdict.migrate_to && IsAboutTopic(answer.Description());
  }
  const bool final = (status == 400 && !verdict.migrate_to) || status == 403;
  verdict.result.dead = status == 401 || status == 403 || status == 404 ||
                        (final && IsAboutChat(answer.Description()));
  verdict.result.outcome = final ? Outcome::kPermanent : Outcome::kTemporary;
  return verdict;
}

// An answer of something between us and the Bot API.
Verdict OfStranger(int status) {
  const bool refused = status >= 300 && status < 500;
  return {
      .result = {.outcome = refused ? Outcome::kTemporary : Outcome::kAmbiguous,
                 .detail = "HTTP " + std::to_string(status) + ", not in the words of the Bot API"}};
}

Verdict OfReply(const base::HttpReply& reply) {
  const auto answer = Parse(reply.body);
  const bool refusal = answer && !answer->ok;
  if (reply.status / 100 == 2) return OfAccepted(answer);
  Verdict verdict = refusal ? OfRefusal(reply.status, *answer) : OfStranger(reply.status);
  if (reply.status == 413) verdict.result.outcome = Outcome::kPermanent;
  if (reply.status == 429) {
    verdict.result.outcome = Outcome::kTemporary;
    verdict.result.retry_after = RetryAfter(reply, answer);
  }
  if (refusal) verdict.result.detail = TelegramDetail(answer->Description());
  if (verdict.result.detail.empty()) {
    verdict.result.detail = "HTTP " + std::to_string(reply.status);
  }
  return verdict;
}

}  // namespace

Verdict Classify(const base::HttpOutcome& outcome) {
  if (!outcome.reply.ok()) {
    return {.result = {.outcome = outcome.sent ? Outcome::kAmbiguous : Outcome::kTemporary,
                       .detail = TelegramDetail(outcome.reply.error().message),
                       .unreached = outcome.unreached}};
  }
  Verdict verdict = OfReply(*outcome.reply);
  verdict.result.code = outcome.reply->status;
  return verdict;
}

std::string TelegramDetail(std::string_view text) {
  std::string detail = HideTokens(text).substr(0, kMaxDetailBytes);
  std::replace_if(
      detail.begin(), detail.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return detail;
}

}  // namespace notifier
