#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "notifier/channel.h"
#include "notifier/message.h"
#include "notifier/telegram/chat.h"

namespace notifier {

// Bot API, sendMessage: 1 to 4096 characters, counted in UTF-16 code units; the formatting of more
// than 100 entities is ignored.
inline constexpr std::size_t kMaxMessageUnits = 4096;
inline constexpr std::size_t kMaxEntities = 100;

// The last line of a message that may have arrived before. ASCII.
inline constexpr std::string_view kRepeatMark =
    "(possible repeat: an earlier try got no clear answer)";

// The JSON of one sendMessage. Formatting goes by `entities` and never by parse_mode, so nothing in
// a text can break the message. The text is cleaned and trimmed as Telegram would, so that every
// offset stays true; it is never empty and never over the limit: what does not fit (Split leaves
// nothing) is cut. A reply when attempt.reply_to is a message id; without it when that message is
// gone. Pure.
std::string SendMessageBody(const Message& message, const Chat& chat, const Attempt& attempt,
                            bool silent);

}  // namespace notifier
