#include "notifier/parts.h"

#include "notifier/telegram/split.h"

namespace notifier {

std::vector<Message> Parts(const Message& message) {
  return message.channel == "telegram" ? Split(message) : std::vector{message};
}

}  // namespace notifier
