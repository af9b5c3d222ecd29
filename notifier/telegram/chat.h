#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace notifier {

// Where a Telegram message goes.
struct Chat {
  std::string id;                     // a number, or the public "@name" of a channel or group
  std::optional<std::int64_t> topic;  // message_thread_id, in a group with topics

  // Groups and channels have negative ids. A public name is never a person's here: a bot reaches
  // persons by number only.
  [[nodiscard]] bool IsGroup() const { return id.starts_with('-') || id.starts_with('@'); }
};

// "CHAT" or "CHAT/TOPIC". CHAT is a number other than 0 or "@name" (5 to 32 of [A-Za-z0-9_]), TOPIC
// a positive 32-bit number. kInvalid: a sentence that says which of them is wrong. Pure.
base::Result<Chat> ParseChat(const std::string& text);

}  // namespace notifier
