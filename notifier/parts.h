#pragma once

#include <vector>

#include "notifier/message.h"

namespace notifier {

// What one rendered message becomes on its channel: several where the channel bounds a message's
// length, in the order in which they are to be read, each with a key of its own. Pure.
std::vector<Message> Parts(const Message& message);

}  // namespace notifier
