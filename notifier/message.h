#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.h"

namespace notifier {

// Bytes [begin, end) of a text, both between two characters.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// A person, as they are reached.
struct Recipient {
  std::string channel;  // "email", "telegram"
  std::string target;   // the mailbox, the chat
};

// One message to one mailbox (or chat), rendered before it is stored. The channel adds only what
// its protocol needs.
struct Message {
  std::string
      key;  // stable over every try, unique over all messages; becomes the mail's Message-Id
  std::string channel;  // as Recipient
  std::string target;
  std::string thread;   // what belongs together (an episode): mails of one thread refer to it, and
                        // keep their order
  std::string subject;  // one line
  std::string text;     // UTF-8, LF
  std::vector<Span> bold;  // of `text`, in order, none within another
  std::string html;        // the same for mail clients; empty: text only
  std::string severity;    // of the alert; empty: none
  std::string alert;       // its name, for the log; empty: it is about none
  long long episode = 0;   // in the history, for the log; 0: in none
  bool urgent = false;     // goes before others
  int part = 1;            // from 1, where the channel bounds a message's length
  base::WallMs created_at_ms = 0;
  base::WallMs not_before_ms = 0;  // it is not due before
};

}  // namespace notifier
