#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// How mail writes arbitrary bytes in 7-bit lines. Pure.
namespace notifier {

// "=XX".
std::string HexByte(char byte);

std::string Base64(std::string_view bytes);

// RFC 2045 6.7 of text with LF or CRLF line ends: no line over 76 characters, no blank at a line's
// end, no line that begins with "From "; ends with CRLF.
std::string QuotedPrintable(std::string_view text);

// How many bytes from the front, at most `limit` (4 or more), end at the end of a UTF-8 character.
// Bytes that are no UTF-8 are cut anywhere.
std::size_t WholeCharacters(std::string_view text, std::size_t limit);

}  // namespace notifier
