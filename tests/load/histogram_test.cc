#include "bench/load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "bench/load/random.h"

namespace load {
namespace {

// The definition: the smallest sample that at least `part` of all do not exceed.
Nanos Exact(std::vector<Nanos> samples, double part) {
  std::sort(samples.begin(), samples.end());
  const double rank = std::ceil(part * static_cast<double>(samples.size()));
  return samples.at(static_cast<std::size_t>(std::max(rank, 1.0)) - 1);
}

TEST(Histogram, AgreesWithSortedSamplesWithinOnePercent) {
  Random random(7);
  Histogram histogram;
  std::vector<Nanos> samples;
  samples.reserve(20'000);
  for (int i = 0; i < 20'000; ++i) {  // from 1 ns to 100 s, as many in each power of ten
    samples.emplace_back(std::llround(std::pow(10, random.Unit() * 11)));
    histogram.Record(samples.back());
  }
  for (const double part : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto exact = static_cast<double>(Exact(samples, part).count());
    const auto ours = static_cast<double>(histogram.Percentile(part).value().count());
    EXPECT_NEAR(ours, exact, exact * 0.01 + 0.5) << part;
  }
  EXPECT_EQ(histogram.Max(), *std::max_element(samples.begin(), samples.end()));
  EXPECT_EQ(histogram.count(), 20'000U);
}

TEST(Histogram, EachPowerOfTwoAndItsNeighboursAreNear) {
  for (int bits = 0; bits < 44; ++bits) {
    for (const std::int64_t step : {-1, 0, 1}) {
      const std::int64_t value = (std::int64_t{1} << bits) + step;
      Histogram histogram;
      histogram.Record(Nanos(value));
      histogram.Record(Nanos(value * 2));  // so that the maximum does not decide
      const auto found = static_cast<double>(histogram.Percentile(0.5).value().count());
      EXPECT_NEAR(found, static_cast<double>(value), static_cast<double>(value) * 0.01) << value;
    }
  }
}

TEST(Histogram, KnowsNothingWithoutASample) {
  Histogram histogram;
  EXPECT_EQ(histogram.Percentile(0.5), std::nullopt);
  EXPECT_EQ(histogram.Max(), std::nullopt);
  histogram.Record(Nanos(5));
  histogram.Clear();
  EXPECT_EQ(histogram.Max(), std::nullopt);
}

TEST(Histogram, WhatIsOutOfRangeIsBounded) {
  Histogram histogram;
  histogram.Record(Nanos(-3));
  EXPECT_EQ(histogram.Percentile(1), Nanos(0));
  histogram.Record(Nanos::max());
  EXPECT_EQ(histogram.Max(), Nanos::max());
  EXPECT_GE(histogram.Percentile(1).value(), std::chrono::hours(9));
}

}  // namespace
}  // namespace load
