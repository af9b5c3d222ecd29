#include <algorithm>

#include "base/secret_file.h"
#include "tests/fuzz/fuzz.h"

namespace {

bool IsPrintable(char c) { return c > ' ' && c < 0x7F; }
bool IsNameByte(char c) {
  return std::string_view("_.-").find(c) != std::string_view::npos || (c >= '0' && c <= '9') ||
         (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The longest run of printable bytes: what could be a secret in the text.
bool HoldsSecretOf(const std::string& message, std::string_view text) {
  constexpr std::size_t kSecret = 16;
  for (std::size_t at = 0; at + kSecret <= text.size(); ++at) {
    const std::string_view part = text.substr(at, kSecret);
    // Our own sentence may be part of the fuzzer's text by chance: only digits cannot be in it.
    const bool telling =
        std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (telling && message.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

FUZZ_TEXT(text) {
  const auto tokens = base::ParseTokens(text);
  if (!tokens) {
    PROMISE(tokens.error().code == base::ErrorCode::kInvalid);
    PROMISE(!tokens.error().message.empty());
    PROMISE(!HoldsSecretOf(tokens.error().message, text));
    return;
  }
  PROMISE(!tokens->empty());
  std::string again;
  for (const auto& token : *tokens) {
    PROMISE(!token.name.empty() && token.name.size() <= 64);
    PROMISE(std::all_of(token.name.begin(), token.name.end(), IsNameByte));
    PROMISE(token.secret.size() >= 16);
    PROMISE(std::all_of(token.secret.begin(), token.secret.end(), IsPrintable));
    again += token.name + " " + token.secret + "\n";
  }
  const auto reread = base::ParseTokens(again);
  // A name that starts with # would read back as a comment: no name may.
  PROMISE(reread.ok() && reread->size() == tokens->size());
}
