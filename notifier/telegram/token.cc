#include "notifier/telegram/token.h"

#include <algorithm>

namespace notifier {
namespace {

constexpr std::size_t kMinSecret = 30;
constexpr std::size_t kTelling = 8;  // so many characters of a secret are no accident
constexpr std::string_view kHidden = "(hidden)";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kSecretChars =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

std::size_t Run(std::string_view text, std::string_view of) {
  return std::min(text.find_first_not_of(of), text.size());
}

// How long the token is that begins here, or 0.
std::size_t TokenLength(std::string_view text) {
  const std::size_t digits = Run(text, kDigits);
  const std::string_view rest = text.substr(digits);
  const bool encoded = rest.starts_with("%3A") || rest.starts_with("%3a");
  if (digits == 0 || (!encoded && !rest.starts_with(':'))) return 0;
  const std::size_t colon = encoded ? 3 : 1;
  const std::size_t secret = Run(rest.substr(colon), kSecretChars);
  return secret >= kTelling ? digits + colon + secret : 0;
}

}  // namespace

bool IsBotToken(std::string_view text) {
  const std::size_t digits = Run(text, kDigits);
  if (digits == 0 || digits == text.size() || text[digits] != ':') return false;
  const std::string_view secret = text.substr(digits + 1);
  return secret.size() >= kMinSecret && Run(secret, kSecretChars) == secret.size();
}

std::string HideTokens(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::size_t token = TokenLength(text);
    // A token begins with the first of its digits, so they are looked at together.
    const std::size_t size = std::max({token, Run(text, kDigits), std::size_t{1}});
    result += token > 0 ? kHidden : text.substr(0, size);
    text.remove_prefix(size);
  }
  return result;
}

bool TellsToken(std::string_view text, std::string_view token) {
  const std::size_t colon = token.find(':');
  const std::string_view secret = colon == std::string_view::npos ? token : token.substr(colon + 1);
  for (std::size_t at = 0; at + kTelling <= secret.size(); ++at) {
    if (text.find(secret.substr(at, kTelling)) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace notifier
