#pragma once

#include <cstddef>
#include <string_view>

// Telegram counts lengths and offsets in UTF-16 code units: a character beyond U+FFFF is two. Pure.
namespace notifier {

struct Character {
  std::size_t bytes = 1;
  char32_t code = 0xFFFD;  // of a byte that begins no character: the replacement character
  bool valid = false;
};

// The first character of a text that is not empty. Strict: no overlong form, no surrogate, nothing
// beyond U+10FFFF. A byte that begins no valid character is one by itself.
Character FirstCharacter(std::string_view text);

// In code units. A byte that is no UTF-8 counts as the one unit of its replacement (see
// CleanText), so replacing first and counting then gives the same.
std::size_t Utf16Length(std::string_view text);

// The bytes of the longest beginning that has at most `units` code units and ends between two
// characters.
std::size_t BytesOfUnits(std::string_view text, std::size_t units);

}  // namespace notifier
