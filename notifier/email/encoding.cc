#include "notifier/email/encoding.h"

#include <cstdint>

namespace notifier {
namespace {

constexpr std::size_t kMaxLine = 76;
constexpr std::string_view kDigits = "0123456789ABCDEF";
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// One byte of a line. A space or tab at the end of a line would be lost on the way.
std::string EncodedByte(char c, bool last) {
  const bool blank = c == ' ' || c == '\t';
  const bool plain = (c > ' ' && c <= '~' && c != '=') || (blank && !last);
  return plain ? std::string(1, c) : HexByte(c);
}

void AppendLine(std::string_view line, std::string* result) {
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool last = i + 1 == line.size();
    // Old mailboxes rewrite a line that begins with "From ".
    const bool from = i == 0 && line.starts_with("From ");
    const std::string piece = from ? HexByte('F') : EncodedByte(line[i], last);
    if (column + piece.size() > kMaxLine - (last ? 0 : 1)) {
      *result += "=\r\n";
      column = 0;
    }
    *result += piece;
    column += piece.size();
  }
  *result += "\r\n";
}

}  // namespace

std::string HexByte(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return {'=', kDigits[value >> 4U], kDigits[value & 15U]};
}

std::string Base64(std::string_view bytes) {
  std::string result;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = (bits << 8U) | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      result += i <= group.size() ? kAlphabet[(bits >> (18U - 6U * i)) & 63U] : '=';
    }
  }
  return result;
}

std::string QuotedPrintable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    AppendLine(line, &result);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return result.empty() ? "\r\n" : result;
}

std::size_t WholeCharacters(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text.size();
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  for (std::size_t back = 0; back < 4; ++back) {
    if (!continues(limit - back)) return limit - back;
  }
  return limit;
}

}  // namespace notifier
