#include "base/clock.h"

#include <gtest/gtest.h>

#include <limits>

namespace base {
namespace {

constexpr WallMs kUntouched = -7;

WallMs Parsed(const std::string& text) {
  WallMs at = kUntouched;
  EXPECT_TRUE(ParseUtc(text, &at)) << text;
  return at;
}

TEST(FormatUtc, WritesMilliseconds) {
  EXPECT_EQ(FormatUtc(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatUtc(1'795'361'843'042), "2026-11-22T15:37:23.042Z");
  EXPECT_EQ(FormatUtc(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(FormatUtc(951'782'400'000), "2000-02-29T00:00:00.000Z");
}

TEST(FormatUtc, StaysAtTheYearsItCanWrite) {
  EXPECT_EQ(FormatUtc(std::numeric_limits<WallMs>::min()), "0000-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatUtc(std::numeric_limits<WallMs>::max()), "9999-12-31T23:59:59.999Z");
}

TEST(ParseUtc, ReadsWhatAlertmanagerSends) {
  EXPECT_EQ(Parsed("2026-11-22T15:37:23.042Z"), 1'795'361'843'042);
  EXPECT_EQ(Parsed("2026-11-22T15:37:23.042987654Z"), 1'795'361'843'042);
  EXPECT_EQ(Parsed("2026-11-22T15:37:23Z"), 1'795'361'843'000);
  EXPECT_EQ(Parsed("0001-01-01T00:00:00Z"), -62'135'596'800'000);
}

TEST(ParseUtc, ReadsOffsetsAndShortFractions) {
  EXPECT_EQ(Parsed("2026-11-22T17:37:23+02:00"), Parsed("2026-11-22T15:37:23Z"));
  EXPECT_EQ(Parsed("2026-11-22T10:07:23-05:30"), Parsed("2026-11-22T15:37:23Z"));
  EXPECT_EQ(Parsed("1970-01-01T00:00:00.5Z"), 500);
  EXPECT_EQ(Parsed("1970-01-01t00:00:00.05z"), 50);
  EXPECT_EQ(Parsed("2016-12-31T23:59:60Z"), Parsed("2017-01-01T00:00:00Z"));
}

TEST(ParseUtc, RefusesEverythingElseAndLeavesTheTarget) {
  for (const char* text :
       {"", "2026", "2026-11-22", "2026-11-22T15:37:23", "2026-11-22 15:37:23Z",
        "2026-11-22T15:37Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-22T24:00:00Z",
        "2026-11-22T15:60:00Z", "2026-11-22T15:37:61Z", "2026-11-22T15:37:23.Z",
        "2026-11-22T15:37:23.Z1", "2026-11-22T15:37:23+0200", "2026-11-22T15:37:23+24:00",
        "2026-11-22T15:37:23Zx", "+026-11-22T15:37:23Z", "26-11-22T15:37:23Z"}) {
    WallMs at = kUntouched;
    EXPECT_FALSE(ParseUtc(text, &at)) << text;
    EXPECT_EQ(at, kUntouched) << text;
  }
}

TEST(ParseUtc, ReadsWhatFormatUtcWrote) {
  for (const WallMs at : {WallMs{0}, WallMs{-1}, WallMs{1'795'361'843'042},
                          WallMs{-62'135'596'800'000}, WallMs{253'402'300'799'999}}) {
    EXPECT_EQ(Parsed(FormatUtc(at)), at);
  }
}

TEST(RealClock, TellsThisCenturyAndNeverGoesBack) {
  const RealClock clock;
  EXPECT_GT(clock.Now(), Parsed("2024-01-01T00:00:00Z"));
  EXPECT_LT(clock.Now(), Parsed("2100-01-01T00:00:00Z"));
  const SteadyTime before = clock.Steady();
  EXPECT_GE(clock.Steady(), before);
}

}  // namespace
}  // namespace base
