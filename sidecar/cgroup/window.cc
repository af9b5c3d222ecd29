#include "sidecar/cgroup/window.h"

namespace sidecar::cgroup {
namespace {

using Seconds = std::chrono::duration<double>;

bool WentBack(std::optional<std::int64_t> older, std::optional<std::int64_t> newer) {
  return older && newer && *newer < *older;
}

bool NewEpoch(const Reading& older, const Reading& newer) {
  const Counters& a = older.counters;
  const Counters& b = newer.counters;
  return older.identity != newer.identity || b.usage_ns < a.usage_ns ||
         WentBack(a.periods, b.periods) || WentBack(a.throttled_periods, b.throttled_periods) ||
         WentBack(a.throttled_ns, b.throttled_ns) || WentBack(a.pressure_ns, b.pressure_ns);
}

// The growth from `older` to `newer`; nullopt when either is unknown.
std::optional<double> Growth(std::optional<std::int64_t> older, std::optional<std::int64_t> newer) {
  if (!older || !newer) return std::nullopt;
  return static_cast<double>(*newer - *older);
}

// How far the time between two readings is from `span`.
auto Distance(const Reading& newest, const Reading& older, base::Millis span) {
  return std::chrono::abs(newest.at - older.at - span);
}

}  // namespace

void Window::Add(const Reading& reading) {
  if (!readings_.empty()) {
    if (NewEpoch(readings_.back(), reading)) {
      readings_.clear();
    } else if (reading.at <= readings_.back().at) {
      return;
    }
  }
  readings_.push_back(reading);
  // Keep one reading at least kSpan old, so that the longest mean covers its whole span.
  while (readings_.size() > 2 && reading.at - readings_[1].at >= kSpan) readings_.pop_front();
  while (readings_.size() > kMaxReadings) readings_.pop_front();
}

std::optional<CpuMean> Window::Mean(base::Millis span) const {
  if (readings_.size() < 2) return std::nullopt;
  const Reading& newest = readings_.back();
  const Reading* from = &readings_.front();
  for (const Reading& reading : readings_) {
    // Samples come a little early or late: the nearest, or a minute would mostly be 61 seconds.
    if (&reading == &newest || Distance(newest, reading, span) > Distance(newest, *from, span)) {
      break;
    }
    from = &reading;
  }
  const auto covered = newest.at - from->at;
  if (covered < kLeastCovered) return std::nullopt;

  const double seconds = Seconds(covered).count();
  const Counters& a = from->counters;
  const Counters& b = newest.counters;
  CpuMean mean{.covered = std::chrono::duration_cast<base::Millis>(covered),
               .used_cores = static_cast<double>(b.usage_ns - a.usage_ns) / 1e9 / seconds,
               .throttled_ratio = {},
               .pressure_ratio = {}};
  const auto periods = Growth(a.periods, b.periods);
  const auto throttled = Growth(a.throttled_periods, b.throttled_periods);
  if (periods && throttled && *periods > 0) mean.throttled_ratio = *throttled / *periods;
  if (const auto waiting = Growth(a.pressure_ns, b.pressure_ns)) {
    mean.pressure_ratio = *waiting / 1e9 / seconds;
  }
  return mean;
}

}  // namespace sidecar::cgroup
