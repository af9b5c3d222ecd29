#pragma once

#include <deque>
#include <optional>

#include "base/clock.h"
#include "sidecar/cgroup/reading.h"

namespace sidecar::cgroup {

// What the CPU did on average over a span. Ratios are of time or periods, 0 to 1; absent: unknown.
struct CpuMean {
  base::Millis covered{0};  // the span really covered: the one asked for, to half a sample's time
  double used_cores = 0;
  std::optional<double> throttled_ratio;  // throttled of all enforcement periods
  std::optional<double> pressure_ratio;   // time with some task waiting for a CPU
};

// The readings of one epoch (one identity, counters only growing) over the last minute. Bounded by
// span and by count. Pure: time comes in with the readings.
class Window {
 public:
  static constexpr base::Millis kSpan{60'000};
  static constexpr std::size_t kMaxReadings = 700;  // a minute at 100 ms, and some
  // A mean over less says little: 100 ms have a standard deviation of 11 %, 5 s of 6 %.
  static constexpr base::Millis kLeastCovered{5'000};

  // A reading of another identity, or with a counter that went back, begins a new epoch: the
  // older ones go. One without time passed is dropped.
  void Add(const Reading& reading);
  // The mean from the newest reading back to the one whose age is nearest to `span` (the epoch's
  // first, while it is younger). nullopt while less than kLeastCovered is covered.
  [[nodiscard]] std::optional<CpuMean> Mean(base::Millis span) const;
  [[nodiscard]] const Reading* newest() const {
    return readings_.empty() ? nullptr : &readings_.back();
  }

 private:
  std::deque<Reading> readings_;
};

}  // namespace sidecar::cgroup
