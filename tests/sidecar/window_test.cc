#include "sidecar/cgroup/window.h"

#include <gtest/gtest.h>

namespace sidecar::cgroup {
namespace {

using std::chrono::seconds;

// A reading `at` seconds after the start, with the CPU seconds used until then.
Reading At(double at, double used_seconds, std::int64_t pid = 1) {
  Reading reading;
  reading.at = base::SteadyTime(std::chrono::milliseconds(static_cast<int>(at * 1000)));
  reading.identity.pid = pid;
  reading.counters.usage_ns = static_cast<std::int64_t>(used_seconds * 1e9);
  return reading;
}

TEST(Window, SaysNothingBeforeEnoughIsCovered) {
  Window window;
  window.Add(At(0, 0));
  EXPECT_FALSE(window.Mean(seconds(15)).has_value());
  window.Add(At(4.9, 4.9));
  EXPECT_FALSE(window.Mean(seconds(15)).has_value());
  window.Add(At(5, 5));
  ASSERT_TRUE(window.Mean(seconds(15)).has_value());
  EXPECT_DOUBLE_EQ(window.Mean(seconds(15))->used_cores, 1.0);
}

TEST(Window, MeansCoverTheirOwnSpan) {
  Window window;
  for (int second = 0; second <= 100; ++second) {
    // Idle until 80 s, then half a core.
    window.Add(At(second, second < 80 ? 0 : (second - 80) * 0.5));
  }
  EXPECT_DOUBLE_EQ(window.Mean(seconds(15))->used_cores, 0.5);
  EXPECT_DOUBLE_EQ(window.Mean(seconds(60))->used_cores, 10.0 / 60);
  EXPECT_EQ(window.Mean(seconds(15))->covered, seconds(15));
  EXPECT_EQ(window.Mean(seconds(60))->covered, seconds(60));
}

TEST(Window, ANewIdentityBeginsANewEpoch) {
  Window window;
  for (int second = 0; second <= 10; ++second) window.Add(At(second, second));
  window.Add(At(11, 0.5, /*pid=*/2));
  EXPECT_FALSE(window.Mean(seconds(15)).has_value());
  for (int second = 12; second <= 20; ++second) window.Add(At(second, 0.5, 2));
  EXPECT_DOUBLE_EQ(window.Mean(seconds(15))->used_cores, 0);
}

TEST(Window, ACounterThatWentBackGivesNoRate) {
  Window window;
  for (int second = 0; second <= 10; ++second) window.Add(At(second, second));
  window.Add(At(11, 3));
  EXPECT_FALSE(window.Mean(seconds(15)).has_value());

  Window throttled;
  Reading reading = At(0, 0);
  reading.counters.throttled_periods = 9;
  throttled.Add(reading);
  reading = At(10, 1);
  reading.counters.throttled_periods = 8;
  throttled.Add(reading);
  EXPECT_FALSE(throttled.Mean(seconds(15)).has_value());
}

TEST(Window, DropsAReadingWithoutTimePassed) {
  Window window;
  window.Add(At(0, 0));
  window.Add(At(6, 6));
  window.Add(At(6, 7));
  EXPECT_DOUBLE_EQ(window.Mean(seconds(15))->used_cores, 1.0);
}

TEST(Window, TellsThrottlingAndPressureOnlyWhenKnown) {
  Window window;
  Reading reading = At(0, 0);
  window.Add(reading);
  reading = At(10, 2);
  window.Add(reading);
  EXPECT_FALSE(window.Mean(seconds(15))->throttled_ratio.has_value());
  EXPECT_FALSE(window.Mean(seconds(15))->pressure_ratio.has_value());

  Window full;
  for (int second = 0; second <= 10; ++second) {
    Reading known = At(second, second * 0.2);
    known.counters.periods = second * 10;
    known.counters.throttled_periods = second * 8;
    known.counters.pressure_ns = std::int64_t{second} * 500'000'000;
    full.Add(known);
  }
  EXPECT_DOUBLE_EQ(full.Mean(seconds(15))->throttled_ratio.value(), 0.8);
  EXPECT_DOUBLE_EQ(full.Mean(seconds(15))->pressure_ratio.value(), 0.5);
}

TEST(Window, NoPeriodsPassedIsNotZeroThrottling) {
  Window window;
  for (int second = 0; second <= 10; second += 10) {
    Reading reading = At(second, 0);
    reading.counters.periods = 5;
    reading.counters.throttled_periods = 1;
    window.Add(reading);
  }
  EXPECT_FALSE(window.Mean(seconds(15))->throttled_ratio.has_value());
}

TEST(Window, StaysBounded) {
  Window window;
  for (int i = 0; i < 10'000; ++i) window.Add(At(i * 0.01, i * 0.01));
  ASSERT_TRUE(window.Mean(seconds(60)).has_value());
  EXPECT_LE(window.Mean(seconds(60))->covered, seconds(7));  // 700 readings of 10 ms
}

}  // namespace
}  // namespace sidecar::cgroup
