#include "notifier/telegram/utf16.h"

#include <array>

namespace notifier {
namespace {

std::size_t BytesByLead(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

std::size_t Units(const Character& character) { return character.code > 0xFFFF ? 2 : 1; }

}  // namespace

Character FirstCharacter(std::string_view text) {
  // By length: the bits of the lead byte, and the smallest code that needs that many bytes.
  constexpr std::array<unsigned, 5> kLeadBits = {0, 0x7F, 0x1F, 0x0F, 0x07};
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const std::size_t bytes = BytesByLead(byte(0));
  if (bytes == 0 || bytes > text.size()) return {};
  char32_t code = byte(0) & kLeadBits.at(bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kSmallest.at(bytes) || surrogate || code > 0x10FFFF) return {};
  return {.bytes = bytes, .code = code, .valid = true};
}

std::size_t Utf16Length(std::string_view text) {
  std::size_t units = 0;
  while (!text.empty()) {
    const Character character = FirstCharacter(text);
    units += Units(character);
    text.remove_prefix(character.bytes);
  }
  return units;
}

std::size_t BytesOfUnits(std::string_view text, std::size_t units) {
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const Character character = FirstCharacter(text.substr(bytes));
    if (Units(character) > units) break;
    units -= Units(character);
    bytes += character.bytes;
  }
  return bytes;
}

}  // namespace notifier
