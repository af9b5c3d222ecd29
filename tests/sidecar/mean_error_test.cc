#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "sidecar/cgroup/window.h"

// The mean of the last minute against the kernel's own counter, for loads as they were recorded and
// for samples as a busy machine takes them: late, missed, and with a read that takes its time.
namespace sidecar::cgroup {
namespace {

using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::seconds;

constexpr double kLimit = 0.2;   // cores
constexpr double kPeriod = 0.1;  // the kernel's, in seconds: the finest that a limit lets through

// CPU seconds used until `at`: each period's share of `kLimit` from a repeated pattern.
struct Load {
  const char* name;
  std::vector<double> shares;

  [[nodiscard]] double Used(double at) const {
    const auto whole = static_cast<std::size_t>(at / kPeriod);
    double used = 0;
    for (std::size_t i = 0; i < whole; ++i) used += shares[i % shares.size()] * kLimit * kPeriod;
    // Within a period the quota is used up at full speed, then the group is throttled.
    const double quota = shares[whole % shares.size()] * kLimit * kPeriod;
    return used + std::min(at - static_cast<double>(whole) * kPeriod, quota);
  }
};

std::vector<Load> Loads() {
  std::vector<double> bursts(73, 0.05);  // no whole number of them is in any window
  std::fill(bursts.begin(), bursts.begin() + 20, 1.0);
  return {{"steady", {0.5}}, {"bursty", bursts}, {"throttled", {1.0}}, {"idle", {0.0}}};
}

struct Sampling {
  const char* name;
  double late_s;      // at most
  double missed;      // share of the samples
  double read_for_s;  // between the two looks at the clock; the counter is read somewhere between
};

Reading Take(const Load& load, double at, const Sampling& sampling, double where) {
  const auto time = [](double s) {
    return base::SteadyTime(duration_cast<base::SteadyTime::duration>(duration<double>(s)));
  };
  Reading reading;
  reading.at = time(at + sampling.read_for_s / 2);
  const double used = load.Used(at + where * sampling.read_for_s);
  reading.counters.usage_ns = static_cast<std::int64_t>(used * 1e9);
  return reading;
}

// The largest error over five minutes of samples, as a share of the limit: against the counter over
// the span that the mean says it covers, or (`whole_minute`) over exactly the minute before.
double LargestError(const Load& load, const Sampling& sampling, unsigned seed,
                    bool whole_minute = false) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> share(0, 1);
  Window window;
  double largest = 0;
  for (int second = 0; second < 300; ++second) {
    if (share(random) < sampling.missed) continue;
    const double at = second + share(random) * sampling.late_s;
    window.Add(Take(load, at, sampling, share(random)));
    const auto mean = window.Mean(seconds(60));
    if (second < 70 || !mean) continue;
    const double end = at + sampling.read_for_s / 2;
    const double covered = whole_minute ? 60 : duration<double>(mean->covered).count();
    const double exact = (load.Used(end) - load.Used(end - covered)) / covered;
    EXPECT_GE(mean->used_cores, 0) << load.name;
    largest = std::max(largest, std::abs(mean->used_cores - exact) / kLimit);
  }
  return largest;
}

TEST(MeanError, OfAMinuteStaysBelowOnePercentOfTheLimit) {
  const Sampling ways[] = {{"on time", 0, 0, 0},
                           {"late", 0.4, 0, 0.001},
                           {"missed", 0.4, 0.2, 0.001},
                           {"slow reads", 0.4, 0.2, 0.05}};
  for (const Load& load : Loads()) {
    for (const Sampling& way : ways) {
      for (unsigned seed = 1; seed <= 5; ++seed) {
        EXPECT_LT(LargestError(load, way, seed), 0.01) << load.name << ", " << way.name;
      }
    }
  }
}

// Where no sample is missed the window's edge lies within half a second.
TEST(MeanError, OfExactlyTheMinuteBeforeToo) {
  const Sampling ways[] = {{"on time", 0, 0, 0}, {"jitter", 0.02, 0, 0.002}, {"late", 0.4, 0, 0}};
  for (const Load& load : Loads()) {
    for (const Sampling& way : ways) {
      EXPECT_LT(LargestError(load, way, 1, /*whole_minute=*/true), 0.01)
          << load.name << ", " << way.name;
    }
  }
}

// The counter itself decides: with no delay between clock and counter the mean is exact, whatever
// happened between the window's ends.
TEST(MeanError, IsNoneWhereTheCounterIsReadAtOnce) {
  const Sampling at_once{"missed, at once", 0.9, 0.5, 0};
  // The span is kept in milliseconds here, and the counter in nanoseconds.
  for (const Load& load : Loads()) EXPECT_LT(LargestError(load, at_once, 1), 2e-4) << load.name;
}

// A gap of a minute (the machine slept, the sidecar was stopped): the mean spans it and is right.
TEST(MeanError, AGapIsSpannedNotGuessed) {
  const Load load = Loads()[1];
  const Sampling exact{"", 0, 0, 0};
  Window window;
  for (int second = 0; second <= 20; ++second) window.Add(Take(load, second, exact, 0));
  window.Add(Take(load, 140, exact, 0));
  const auto mean = window.Mean(seconds(60));
  ASSERT_TRUE(mean.has_value());
  EXPECT_EQ(mean->covered, seconds(120));
  EXPECT_NEAR(mean->used_cores, (load.Used(140) - load.Used(20)) / 120, 1e-6);
}

}  // namespace
}  // namespace sidecar::cgroup
