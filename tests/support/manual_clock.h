#pragma once

#include <atomic>

#include "base/clock.h"

namespace support {

// Time that only a test moves. Both clocks move together. Thread-safe.
class ManualClock final : public base::Clock {
 public:
  explicit ManualClock(base::WallMs now = 1'000'000) : now_(now) {}
  [[nodiscard]] base::WallMs Now() const override { return now_; }
  [[nodiscard]] base::SteadyTime Steady() const override {
    return base::SteadyTime(base::Millis(now_));
  }
  void Advance(base::Millis by) { now_ += by.count(); }

 private:
  std::atomic<base::WallMs> now_;
};

}  // namespace support
