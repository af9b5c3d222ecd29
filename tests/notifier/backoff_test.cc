#include "notifier/backoff.h"

#include <gtest/gtest.h>

#include <limits>

namespace notifier {
namespace {

constexpr base::WallMs kCreated = 1'000'000;
const RetryPolicy kPolicy = {.first = base::Millis(2000),
                             .factor = 2,
                             .longest = base::Millis(60'000),
                             .give_up = base::Millis(3'600'000)};

base::WallMs WaitAfter(int attempts, double random01,
                       std::optional<base::Millis> retry_after = std::nullopt) {
  return NextAttempt(kPolicy, attempts, kCreated, kCreated, retry_after, random01).value() -
         kCreated;
}

TEST(NextAttempt, DoublesFromTheFirstWait) {
  EXPECT_EQ(WaitAfter(1, 1.0), 2000);
  EXPECT_EQ(WaitAfter(2, 1.0), 4000);
  EXPECT_EQ(WaitAfter(3, 1.0), 8000);
}

TEST(NextAttempt, SpreadsOverTheUpperHalf) {
  EXPECT_EQ(WaitAfter(3, 0.0), 4000);
  EXPECT_EQ(WaitAfter(3, 0.5), 6000);
  for (const double random01 : {0.0, 0.1, 0.7, 0.999}) {
    EXPECT_GE(WaitAfter(2, random01), 2000);
    EXPECT_LE(WaitAfter(2, random01), 4000);
  }
}

TEST(NextAttempt, NeverWaitsLongerThanTheCap) {
  for (const int attempts : {6, 50, 2000, std::numeric_limits<int>::max()}) {
    EXPECT_EQ(WaitAfter(attempts, 1.0), 60'000) << attempts;
  }
}

TEST(NextAttempt, NeverUndercutsTheServersWish) {
  EXPECT_EQ(WaitAfter(1, 0.0, base::Millis(90'000)), 90'000);
  EXPECT_EQ(WaitAfter(5, 1.0, base::Millis(1)), 32'000);
}

TEST(NextAttempt, EndsWithTheTimeOfTheMessage) {
  const base::WallMs end = kCreated + kPolicy.give_up.count();
  EXPECT_EQ(NextAttempt(kPolicy, 1, end - 2000, kCreated, {}, 1.0), end);
  EXPECT_EQ(NextAttempt(kPolicy, 1, end - 1999, kCreated, {}, 1.0), std::nullopt);
  EXPECT_EQ(NextAttempt(kPolicy, 1, end + 1, kCreated, {}, 0.0), std::nullopt);
  EXPECT_EQ(NextAttempt(kPolicy, 1, kCreated, kCreated, base::Millis::max(), 0.0), std::nullopt);
}

}  // namespace
}  // namespace notifier
