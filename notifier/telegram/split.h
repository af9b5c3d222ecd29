#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "notifier/message.h"

namespace notifier {

inline constexpr std::size_t kMaxParts = 10;
// The end of the last part of a text that is longer than all parts.
inline constexpr std::string_view kRestSentence = "(cut here: the rest is in the history)";

// A message as Telegram takes it: one, or up to kMaxParts of the same thread, each of at most 4096
// UTF-16 units with the marks of a possible repeat and of an earlier episode. The text is cut at a
// paragraph, else a line, else a word, else a character; blanks at a cut are left out, bold spans
// are cut along. Of several parts each ends with a line "(2/3)"; should the first be refused for
// good, the others come without its headline. The first keeps the key, the N-th's is KEY-pN. html
// is emptied: it is for mail. Pure.
std::vector<Message> Split(const Message& message);

}  // namespace notifier
