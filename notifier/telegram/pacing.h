#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/clock.h"
#include "notifier/telegram/chat.h"

namespace notifier {

// A token bucket: `burst` at once, then one each `interval`. Within any time t at most
// burst + t / interval.
struct Bucket {
  base::Millis interval{0};
  int burst = 1;
  base::SteadyTime full_at{};  // when all of the burst is there again

  [[nodiscard]] base::Millis Wait(base::SteadyTime now) const;  // until one may be taken
  void Take(base::SteadyTime now);
};

// When a message may go, by the limits of core.telegram.org/bots/faq (2025): "avoid sending more
// than one message per second" in a chat, where short bursts are allowed; 20 a minute in a group;
// 30 a second in all. What is over them is answered 429. Pure; not thread-safe.
class Pacing {
 public:
  // A page in three parts, or three alerts of one moment, go at once.
  static constexpr int kChatBurst = 3;
  static constexpr base::Millis kChatInterval{1000};
  // 5 and then 15 a minute are never more than 20 in any minute, and a page that comes into a flood
  // waits four seconds at most.
  static constexpr int kGroupBurst = 5;
  static constexpr base::Millis kGroupInterval{4000};
  // 10 and then 20 in a second are the 30.
  static constexpr int kAllBurst = 10;
  static constexpr base::Millis kAllInterval{50};
  // Of chats that are remembered; beyond it the one that was used the longest ago is forgotten.
  static constexpr std::size_t kMaxChats = 1000;

  // How long a message to `chat` should wait. 0: go on.
  [[nodiscard]] base::Millis Wait(const Chat& chat, base::SteadyTime now) const;
  // A message may have reached the server. Told when its answer is there, which is never sooner
  // than the server's own count.
  void Sent(const Chat& chat, base::SteadyTime now);
  // The server asked for a pause (429): nothing to this chat before `until`.
  void Pause(const Chat& chat, base::SteadyTime until, base::SteadyTime now);

 private:
  struct Pace {
    Bucket chat{.interval = kChatInterval, .burst = kChatBurst};
    Bucket group{.interval = kGroupInterval, .burst = kGroupBurst};
    base::SteadyTime paused_until{};
    base::SteadyTime used{};
  };
  Pace& Use(const Chat& chat, base::SteadyTime now);

  Bucket all_{.interval = kAllInterval, .burst = kAllBurst};
  std::map<std::string, Pace> chats_;  // by Chat::id: topics share their chat's limits
};

}  // namespace notifier
