#include "notifier/telegram/pacing.h"

#include <algorithm>

namespace notifier {
namespace {

// Whole milliseconds, rounded up: never too early.
base::Millis Until(base::SteadyTime time, base::SteadyTime now) {
  return std::max(base::Millis(0), std::chrono::ceil<base::Millis>(time - now));
}

}  // namespace

base::Millis Bucket::Wait(base::SteadyTime now) const {
  return Until(full_at - interval * (burst - 1), now);
}

void Bucket::Take(base::SteadyTime now) { full_at = std::max(full_at, now) + interval; }

base::Millis Pacing::Wait(const Chat& chat, base::SteadyTime now) const {
  base::Millis wait = all_.Wait(now);
  const auto found = chats_.find(chat.id);
  if (found == chats_.end()) return wait;
  const Pace& pace = found->second;
  wait = std::max({wait, pace.chat.Wait(now), Until(pace.paused_until, now)});
  return chat.IsGroup() ? std::max(wait, pace.group.Wait(now)) : wait;
}

void Pacing::Sent(const Chat& chat, base::SteadyTime now) {
  all_.Take(now);
  Pace& pace = Use(chat, now);
  pace.chat.Take(now);
  pace.group.Take(now);
}

void Pacing::Pause(const Chat& chat, base::SteadyTime until, base::SteadyTime now) {
  Pace& pace = Use(chat, now);
  pace.paused_until = std::max(pace.paused_until, until);
}

Pacing::Pace& Pacing::Use(const Chat& chat, base::SteadyTime now) {
  if (chats_.count(chat.id) == 0 && chats_.size() >= kMaxChats) {
    chats_.erase(std::min_element(chats_.begin(), chats_.end(), [](const auto& a, const auto& b) {
      return a.second.used < b.second.used;
    }));
  }
  Pace& pace = chats_[chat.id];
  pace.used = now;
  return pace;
}

}  // namespace notifier
