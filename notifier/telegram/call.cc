#include "notifier/telegram/call.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "notifier/telegram/text.h"
#include "notifier/telegram/utf16.h"

namespace notifier {
namespace {

using nlohmann::json;

// message_id is a positive 32-bit integer in the Bot API.
std::optional<std::int64_t> MessageId(const std::string& text) {
  std::int64_t id = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, id);
  const bool number = error == std::errc() && stop == end;
  if (!number || id < 1 || id > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  return id;
}

Text Shown(const Message& message, bool repeat) {
  Text text = CleanText(message.text, message.bold);
  if (IsBlank(text.text)) text = CleanText(message.subject, {});
  if (IsBlank(text.text)) text = CleanText("(no text)", {});
  const std::string mark = repeat ? "\n\n" + std::string(kRepeatMark) : "";
  text = Cut(text, 0, text.text.size());
  text = Cut(text, 0, BytesOfUnits(text.text, kMaxMessageUnits - mark.size()));
  text.text += mark;
  return text;
}

json Entities(const Text& text) {
  json entities = json::array();
  std::size_t at = 0;  // a byte of the text, and the units before it
  std::size_t units = 0;
  const auto advance = [&](std::size_t to) {
    const std::size_t length = Utf16Length(std::string_view(text.text).substr(at, to - at));
    at = to;
    units += length;
    return length;
  };
  for (const Span& span : text.bold) {
    if (entities.size() == kMaxEntities) break;
    advance(span.begin);
    const std::size_t offset = units;
    entities.push_back({{"type", "bold"}, {"offset", offset}, {"length", advance(span.end)}});
  }
  return entities;
}

json ChatId(const Chat& chat) {
  if (chat.id.starts_with('@')) return chat.id;
  std::int64_t id = 0;
  std::from_chars(chat.id.data(), chat.id.data() + chat.id.size(), id);
  return id;
}

}  // namespace

std::string SendMessageBody(const Message& message, const Chat& chat, const Attempt& attempt,
                            bool silent) {
  const Text text = Shown(message, attempt.possible_repeat);
  json body = {{"chat_id", ChatId(chat)},
               {"text", text.text},
               {"link_preview_options", {{"is_disabled", true}}},
               {"disable_notification", silent}};
  if (!text.bold.empty()) body["entities"] = Entities(text);
  if (chat.topic) body["message_thread_id"] = *chat.topic;
  if (const auto id = MessageId(attempt.reply_to)) {
    body["reply_parameters"] = {{"message_id", *id}, {"allow_sending_without_reply", true}};
  }
  return body.dump();
}

}  // namespace notifier
