#include "sidecar/webhook/episode.h"

#include <gtest/gtest.h>

namespace sidecar::webhook {
namespace {

constexpr base::WallMs kMinute = 60'000;
constexpr base::WallMs kNow = 10'000 * kMinute;

Alert FiringSince(base::WallMs starts) {
  return {.firing = true, .fingerprint = "f", .starts_at_ms = starts};
}
Alert Resolved(base::WallMs starts, std::optional<base::WallMs> ends) {
  return {.firing = false, .fingerprint = "f", .starts_at_ms = starts, .ends_at_ms = ends};
}
const std::optional<Latest> kNone;
const std::optional<Latest> kOpen = Latest{.id = 1, .starts_at_ms = 1000, .open = true};
// Fired from 1000 to 2000, which was recorded just now.
const Latest kEnded{.id = 1, .starts_at_ms = 1000, .ended_at_ms = 2000, .end_stored_ms = kNow};

Step OfOne(const std::optional<Latest>& latest, const Alert& alert) {
  return NextStep(latest, alert, /*pair=*/false, kNow);
}
Step OfPair(const std::optional<Latest>& latest, const Alert& alert, base::WallMs now = kNow) {
  return NextStep(latest, alert, /*pair=*/true, now);
}

// The table in episode.h, row by row.
TEST(NextStep, NoEpisode) {
  EXPECT_EQ(OfOne(kNone, FiringSince(1000)), Step::kOpen);
  EXPECT_EQ(OfPair(kNone, FiringSince(1000)), Step::kOpen);
  EXPECT_EQ(OfOne(kNone, Resolved(1000, 2000)), Step::kStale);
}

TEST(NextStep, AnOpenEpisodeThatFiresIsARepeatUnlessItBeganAfterTheLastWordOfIt) {
  EXPECT_EQ(OfOne(kOpen, FiringSince(1000)), Step::kRepeat);
  EXPECT_EQ(OfPair(kOpen, FiringSince(900)), Step::kRepeat);
  Latest open{.id = 1, .starts_at_ms = 1000, .last_seen_ms = 500'000, .open = true};
  const base::WallMs limit = open.last_seen_ms + kClockSkew.count();
  EXPECT_EQ(OfOne(open, FiringSince(limit)), Step::kRepeat);
  EXPECT_EQ(OfOne(open, FiringSince(limit + 1)), Step::kReopen);
  open.starts_at_ms = limit + 1;  // Prometheus' clock is ahead of ours: still the same
  EXPECT_EQ(OfOne(open, FiringSince(limit + 1)), Step::kRepeat);
}

TEST(NextStep, AnOpenEpisodeEndsByAResolvedThatIsNotOlder) {
  EXPECT_EQ(OfOne(kOpen, Resolved(1000, 2000)), Step::kEnd);
  EXPECT_EQ(OfOne(kOpen, Resolved(1000, 1000)), Step::kEnd);
  EXPECT_EQ(OfOne(kOpen, Resolved(1000, std::nullopt)), Step::kEnd);
  EXPECT_EQ(OfOne(kOpen, Resolved(500, 1000)), Step::kEnd) << "it began earlier than we knew";
  EXPECT_EQ(OfOne(kOpen, Resolved(500, 999)), Step::kStale) << "of an older episode";
  EXPECT_EQ(OfOne(kOpen, Resolved(1000, 5)), Step::kEnd) << "of this one, with a broken end";
}

TEST(NextStep, SinceItFiredAgainAResolvedOfBeforeIsOlder) {
  Latest again = *kOpen;
  again.refired_ms = 5000;
  EXPECT_EQ(OfOne(again, Resolved(1000, 2000)), Step::kStale);
  EXPECT_EQ(OfOne(again, Resolved(5000, 6000)), Step::kEnd);
  EXPECT_EQ(OfOne(again, Resolved(4900, 5000)), Step::kEnd);
}

TEST(NextStep, AnEndedEpisodeThatFiresIsANewOneUnlessItsEndIsUntold) {
  EXPECT_EQ(OfOne(kEnded, FiringSince(1000)), Step::kOpen) << "Prometheus was away";
  EXPECT_EQ(OfOne(kEnded, FiringSince(3000)), Step::kOpen);
  EXPECT_EQ(OfPair(kEnded, FiringSince(2001)), Step::kOpen);
  Latest untold = kEnded;
  untold.untold = true;
  EXPECT_EQ(OfOne(untold, FiringSince(1000)), Step::kRefire);
  EXPECT_EQ(OfOne(untold, FiringSince(kNow)), Step::kRefire);
  EXPECT_EQ(OfPair(untold, FiringSince(2001)), Step::kRefire);
  EXPECT_EQ(OfOne(untold, Resolved(1000, 2000)), Step::kStale);
  EXPECT_EQ(OfPair(kEnded, Resolved(1000, 2000)), Step::kStale);
}

TEST(NextStep, TheSlowerTwinsFiringAfterTheEndIsNoNews) {
  EXPECT_EQ(OfPair(kEnded, FiringSince(1000)), Step::kTwin);
  EXPECT_EQ(OfPair(kEnded, FiringSince(2000)), Step::kTwin);
  Latest untold = kEnded;
  untold.untold = true;
  EXPECT_EQ(OfPair(untold, FiringSince(2000)), Step::kTwin);
}

TEST(NextStep, ATwinIsSoonAndAboutAnEndThatWasSaid) {
  const base::WallMs last = kNow + kTwinWindow.count();
  EXPECT_EQ(OfPair(kEnded, FiringSince(1000), last), Step::kTwin);
  EXPECT_EQ(OfPair(kEnded, FiringSince(1000), last + 1), Step::kOpen);
  EXPECT_EQ(OfPair(kEnded, FiringSince(1000), kNow - 1), Step::kOpen) << "the clock was set back";
  Latest silenced = kEnded;
  silenced.said = false;
  EXPECT_EQ(OfPair(silenced, FiringSince(1000)), Step::kOpen);
}

TEST(HoldDown, GrowsToABound) {
  EXPECT_EQ(HoldDown(0), base::Millis(0));
  EXPECT_EQ(HoldDown(1), base::Millis(kMinute));
  EXPECT_EQ(HoldDown(2), base::Millis(2 * kMinute));
  EXPECT_EQ(HoldDown(5), base::Millis(16 * kMinute));
  EXPECT_EQ(HoldDown(6), kLongestHold);
  EXPECT_EQ(HoldDown(1'000'000), kLongestHold);
}

TEST(DropAbsurdTimes, KeepsWhatAWrongClockExplains) {
  base::WallMs future = 0;
  ASSERT_TRUE(base::ParseUtc("2026-11-22T10:00:00Z", &future));
  Alert alert = Resolved(future, future + kMinute);
  EXPECT_FALSE(DropAbsurdTimes(kNone, kNow, &alert));  // kNow is in 1970
  EXPECT_EQ(alert.starts_at_ms, future);
}

TEST(DropAbsurdTimes, TakesWhatIsLeft) {
  base::WallMs year1 = 0;
  base::WallMs year9999 = 0;
  ASSERT_TRUE(base::ParseUtc("0001-01-01T00:00:00Z", &year1));
  ASSERT_TRUE(base::ParseUtc("9999-12-31T23:59:59Z", &year9999));
  for (const base::WallMs absurd : {year1, year9999}) {
    Alert alert = Resolved(absurd, absurd);
    EXPECT_TRUE(DropAbsurdTimes(kNone, kNow, &alert));
    EXPECT_EQ(alert.starts_at_ms, kNow);
    EXPECT_FALSE(alert.ends_at_ms.has_value());
    alert.starts_at_ms = absurd;
    EXPECT_TRUE(DropAbsurdTimes(kOpen, kNow, &alert));
    EXPECT_EQ(alert.starts_at_ms, 1000) << "or each repeat would look like a new episode";
  }
}

}  // namespace
}  // namespace sidecar::webhook
