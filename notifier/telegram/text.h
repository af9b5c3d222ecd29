#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "notifier/message.h"

// A text with its bold spans, which move along with every change. Pure.
namespace notifier {

struct Text {
  std::string text;        // valid UTF-8
  std::vector<Span> bold;  // of `text`, in order, none empty, none across another
};

// What Telegram would make of it (fix_formatted_text of tdlib), made here so that every offset is
// known: control characters become blanks, CR vanishes. A byte that is no UTF-8 becomes U+FFFD. A
// span that begins or ends within a character grows to hold the whole of it.
Text CleanText(std::string_view text, const std::vector<Span>& bold);

// Bytes [begin, end) of `whole`, both between two characters, without the blanks and line ends at
// both ends, with the part of the spans that lies in it.
Text Cut(const Text& whole, std::size_t begin, std::size_t end);

// Nothing to see: blanks, line ends, and characters without a shape. Telegram takes no such text.
bool IsBlank(std::string_view text);

}  // namespace notifier
