#include "bench/load/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace load {
namespace {

using base::Millis;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<Due> All(Schedule schedule) {
  std::vector<Due> dues;
  for (; schedule.Next(); schedule.Advance()) dues.push_back(*schedule.Next());
  return dues;
}

TEST(ParsePhases, TakesRatesWithAndWithoutDurations) {
  const auto phases = ParsePhases("50,200:10s,1500:250ms", Millis(30'000));
  ASSERT_TRUE(phases.ok()) << phases.error().message;
  ASSERT_EQ(phases->size(), 3U);
  EXPECT_EQ((*phases)[0].target_rps, 50);
  EXPECT_EQ((*phases)[0].duration, Millis(30'000));
  EXPECT_EQ((*phases)[1].duration, Millis(10'000));
  EXPECT_EQ((*phases)[2].target_rps, 1500);
  EXPECT_EQ((*phases)[2].duration, Millis(250));
}

TEST(ParsePhases, NamesThePartThatIsWrong) {
  for (const char* wrong : {"", "x", "0", "-5", "5.5", "1000001", "5:", "5:10", "5:1ms", "5:25h"}) {
    const auto phases = ParsePhases("50," + std::string(wrong), Millis(1000));
    ASSERT_FALSE(phases.ok()) << wrong;
    EXPECT_NE(phases.error().message.find('"' + std::string(wrong) + '"'), std::string::npos);
  }
  std::string many = "1";
  for (int i = 0; i < 64; ++i) many += ",1";
  EXPECT_FALSE(ParsePhases(many, Millis(1000)).ok());
}

TEST(AddDoubling, GoesUpToTheMaximumAndNotPastIt) {
  std::vector<Phase> phases = {{.target_rps = 1500, .duration = Millis(1)}};
  AddDoubling(48'000, Millis(2), &phases);
  ASSERT_EQ(phases.size(), 6U);
  EXPECT_EQ(phases.back().target_rps, 48'000);
  EXPECT_EQ(phases.back().duration, Millis(2));
  AddDoubling(95'999, Millis(2), &phases);
  EXPECT_EQ(phases.size(), 6U);
  AddDoubling(10, Millis(2), &phases);  // below the last phase: none
  EXPECT_EQ(phases.size(), 6U);
}

TEST(Schedule, UniformRequestsComeAtTheirNumberByTheRate) {
  const std::vector<Due> dues = All(Schedule(
      {{.target_rps = 3, .duration = Millis(1000)}, {.target_rps = 10, .duration = Millis(200)}},
      Arrivals::kUniform, Random(1), false));
  ASSERT_EQ(dues.size(), 5U);
  EXPECT_EQ(dues[0].at, Nanos(0));
  EXPECT_EQ(dues[1].at, Nanos(333'333'333));
  EXPECT_EQ(dues[2].at, Nanos(666'666'666));
  EXPECT_EQ(dues[2].phase, 0U);
  EXPECT_EQ(dues[3].at, seconds(1));
  EXPECT_EQ(dues[3].phase, 1U);
  EXPECT_EQ(dues[4].at, milliseconds(1100));
}

TEST(Schedule, EachPhaseHasRateTimesDurationRequests) {
  const std::vector<Due> dues = All(Schedule({{.target_rps = 30'000, .duration = Millis(700)}},
                                             Arrivals::kUniform, Random(1), false));
  EXPECT_EQ(dues.size(), 21'000U);
}

TEST(Schedule, PoissonGapsAreExponential) {
  constexpr double kRate = 1000;
  const std::vector<Due> dues = All(Schedule({{.target_rps = 1000, .duration = Millis(50'000)}},
                                             Arrivals::kPoisson, Random(3), false));
  const auto count = static_cast<double>(dues.size());
  EXPECT_NEAR(count, 50'000, 5 * std::sqrt(50'000.0));
  double sum = 0;
  double squares = 0;
  int over_mean = 0;
  for (std::size_t i = 1; i < dues.size(); ++i) {
    const double gap = std::chrono::duration<double>(dues[i].at - dues[i - 1].at).count() * kRate;
    ASSERT_GE(gap, 0);
    sum += gap;
    squares += gap * gap;
    over_mean += gap > 1 ? 1 : 0;
  }
  // Mean, standard deviation and P(gap > mean) = 1/e of the exponential distribution.
  EXPECT_NEAR(sum / count, 1, 0.02);
  EXPECT_NEAR(std::sqrt(squares / count - 1), 1, 0.03);
  EXPECT_NEAR(over_mean / count, std::exp(-1), 0.01);
}

TEST(Schedule, TheSameSeedGivesTheSameTimes) {
  const auto times = [](std::uint64_t seed) {
    return All(Schedule({{.target_rps = 100, .duration = Millis(1000)}}, Arrivals::kPoisson,
                        Random(seed), false));
  };
  EXPECT_EQ(times(5).back().at, times(5).back().at);
  EXPECT_NE(times(5).back().at, times(6).back().at);
}

TEST(Schedule, AnEndlessOneStaysInItsLastPhase) {
  Schedule schedule(
      {{.target_rps = 5, .duration = Millis(1000)}, {.target_rps = 10, .duration = Millis(100)}},
      Arrivals::kUniform, Random(1), true);
  for (int i = 0; i < 25; ++i) schedule.Advance();
  ASSERT_TRUE(schedule.Next().has_value());
  EXPECT_EQ(schedule.Next()->phase, 1U);
  EXPECT_EQ(schedule.Next()->at, seconds(3));
}

}  // namespace
}  // namespace load
