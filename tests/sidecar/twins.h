#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/webhook/episode.h"

// A pair of Alertmanagers that send what really happened to some alerts, each in its own time, and
// a naive model of the episodes that must come of it.
namespace twins {

using sidecar::webhook::Alert;

// Everything happens at full ticks.
inline constexpr base::WallMs kTick = 10'000;
inline constexpr base::WallMs kMinute = 60'000;
inline constexpr base::WallMs kLongestLag = 4 * kMinute;

struct Interval {
  base::WallMs starts = 0;
  base::WallMs ends = 0;
};

struct Sent {
  base::WallMs arrives = 0;
  Alert alert;
  std::size_t interval = 0;  // which it is about
};

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  // In [from, to].
  base::WallMs Pick(base::WallMs from, base::WallMs to) {
    return std::uniform_int_distribution<base::WallMs>(from, to)(engine_);
  }
  base::WallMs Ticks(base::WallMs from, base::WallMs to) {
    return Pick(from / kTick, to / kTick) * kTick;
  }
  bool Once(int in) { return Pick(1, in) == 1; }

 private:
  std::mt19937 engine_;
};

// What one alert did. The longer waits follow where a twin was away, so that it cannot be ahead of
// what the other still has to say.
struct Truth {
  std::vector<Interval> intervals;
  std::vector<std::pair<bool, bool>> told;  // of each: by the one, by the other; by one at least
};

inline Truth Happen(base::WallMs from, Random* random) {
  Truth truth;
  base::WallMs at = from;
  for (auto left = random->Pick(1, 6); left > 0; --left) {
    const bool away = random->Once(5);
    const bool which = random->Once(2);
    truth.told.emplace_back(!away || which, !away || !which);
    const base::WallMs ends = at + random->Ticks(20'000, random->Once(4) ? 90 * kMinute : kMinute);
    truth.intervals.push_back({at, ends});
    at = ends + (away ? kLongestLag + kMinute : 0) +
         random->Ticks(kTick, random->Once(3) ? 80 * kMinute : 5 * kMinute);
  }
  return truth;
}

inline Alert Word(bool firing, const std::string& fingerprint, const Interval& interval) {
  Alert alert{.firing = firing,
              .fingerprint = fingerprint,
              .labels = {{"alertname", "A"}, {"severity", "critical"}},
              .starts_at_ms = interval.starts};
  if (!firing) alert.ends_at_ms = interval.ends;
  return alert;
}

// What one Alertmanager sends, in its order: the firing (perhaps with a later startsAt at first),
// repeats (fewer when groups are cut), the resolved; each may come again, as after a lost answer
// or a restart that forgot what was sent. Never later than kLongestLag.
inline std::vector<Sent> Send(const Truth& truth, bool first, const std::string& fingerprint,
                              Random* random) {
  std::vector<Sent> all;
  base::WallMs last = 0;
  const auto send = [&](const Alert& alert, std::size_t interval, base::WallMs at) {
    for (int copies = random->Once(5) ? 2 : 1; copies > 0; --copies) {
      last = std::max(last, at + random->Ticks(0, kLongestLag));
      all.push_back({last, alert, interval});
    }
  };
  for (std::size_t i = 0; i < truth.intervals.size(); ++i) {
    if (!(first ? truth.told[i].first : truth.told[i].second)) continue;
    const Interval& interval = truth.intervals[i];
    Alert begins = Word(true, fingerprint, interval);
    if (random->Once(3)) begins.starts_at_ms += kTick;
    send(begins, i, begins.starts_at_ms);
    for (auto repeats = random->Pick(0, 2); repeats > 0; --repeats) {
      send(Word(true, fingerprint, interval), i,
           random->Ticks(interval.starts + kTick, interval.ends));
    }
    send(Word(false, fingerprint, interval), i, interval.ends);
  }
  return all;
}

struct Expected {
  base::WallMs starts = 0;
  base::WallMs ends = 0;
  std::size_t intervals = 0;
};

// By the first word of each firing and each end alone: an end that follows others within an hour
// is held, and what fires before the hold is over goes on with the episode.
inline std::vector<Expected> Model(const Truth& truth, const std::vector<Sent>& sent) {
  std::vector<std::optional<base::WallMs>> firings(truth.intervals.size());
  auto ends = firings;
  for (const Sent& each : sent) {
    auto& first = (each.alert.firing ? firings : ends)[each.interval];
    first = std::min(first.value_or(each.arrives), each.arrives);
  }
  std::vector<Expected> episodes;
  base::WallMs held_until = -1;
  for (std::size_t i = 0; i < truth.intervals.size(); ++i) {
    const Interval& interval = truth.intervals[i];
    if (*firings[i] > held_until) episodes.push_back({.starts = interval.starts});
    episodes.back().ends = interval.ends;
    ++episodes.back().intervals;
    base::WallMs hold = 0;
    for (std::size_t j = 0; j < i; ++j) {
      if (*ends[j] > *ends[i] - 60 * kMinute) hold = hold == 0 ? kMinute : hold * 2;
    }
    held_until = hold == 0 ? -1 : *ends[i] + std::min(hold, 30 * kMinute);
  }
  return episodes;
}

}  // namespace twins
