#include "notifier/telegram/chat.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

namespace notifier {
namespace {

constexpr std::size_t kMinName = 5;
constexpr std::size_t kMaxName = 32;

std::optional<std::int64_t> Number(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

bool IsName(std::string_view text) {
  if (!text.starts_with('@')) return false;
  text.remove_prefix(1);
  return text.size() >= kMinName && text.size() <= kMaxName &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

}  // namespace

base::Result<Chat> ParseChat(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::string id = text.substr(0, slash);
  Chat chat{.id = id};
  if (!IsName(id)) {
    const auto number = Number(id);
    if (!number || *number == 0) {
      return base::Error{base::ErrorCode::kInvalid,
                         "the chat is neither a number nor @name (CHAT or CHAT/TOPIC)"};
    }
    chat.id = std::to_string(*number);
  }
  if (slash == std::string::npos) return chat;
  chat.topic = Number(std::string_view(text).substr(slash + 1));
  if (!chat.topic || *chat.topic < 1 || *chat.topic > std::numeric_limits<std::int32_t>::max()) {
    return base::Error{base::ErrorCode::kInvalid,
                       "the topic is not a positive number (CHAT or CHAT/TOPIC)"};
  }
  return chat;
}

}  // namespace notifier
