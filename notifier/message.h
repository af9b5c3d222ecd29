#pragma once

#include <string>

#include "base/clock.h"

namespace notifier {

// One message to one mailbox (or chat), rendered before it is stored. The channel adds only what
// its protocol needs.
struct Message {
  std::string
      key;  // stable over every try, unique over all messages; becomes the mail's Message-Id
  std::string channel;  // "email"
  std::string target;   // the mailbox
  std::string thread;   // what belongs together (an episode): mails of one thread refer to it, and
                        // keep their order
  std::string subject;  // one line
  std::string text;     // UTF-8, LF
  std::string html;     // the same for mail clients; empty: text only
  bool urgent = false;
  base::WallMs created_at_ms = 0;
};

}  // namespace notifier
