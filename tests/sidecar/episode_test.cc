#include "sidecar/webhook/episode.h"

#include <gtest/gtest.h>

namespace sidecar::webhook {
namespace {

Alert Firing() { return {.firing = true, .fingerprint = "f", .starts_at_ms = 1000}; }
Alert ResolvedAt(base::WallMs at) {
  return {.firing = false, .fingerprint = "f", .starts_at_ms = 1000, .ends_at_ms = at};
}
const std::optional<Latest> kNone;
const std::optional<Latest> kOpenSince1000 = Latest{.id = 1, .starts_at_ms = 1000, .open = true};
const std::optional<Latest> kEnded = Latest{.id = 1, .starts_at_ms = 1000, .open = false};

// The table in episode.h, field by field.
TEST(NextStep, Firing) {
  EXPECT_EQ(NextStep(kNone, Firing()), Step::kOpen);
  EXPECT_EQ(NextStep(kEnded, Firing()), Step::kOpen);
  EXPECT_EQ(NextStep(kOpenSince1000, Firing()), Step::kRepeat);
}

TEST(NextStep, AFiringThatBeganAfterTheLastWordOfTheOpenEpisodeIsANewOne) {
  Latest open{.id = 1, .starts_at_ms = 1000, .last_seen_ms = 500'000, .open = true};
  Alert again = Firing();
  again.starts_at_ms = open.last_seen_ms + kClockSkew.count();
  EXPECT_EQ(NextStep(open, again), Step::kRepeat);
  again.starts_at_ms += 1;
  EXPECT_EQ(NextStep(open, again), Step::kReopen);
  open.starts_at_ms = again.starts_at_ms;  // Prometheus' clock is ahead of ours: still the same
  EXPECT_EQ(NextStep(open, again), Step::kRepeat);
}

TEST(NextStep, Resolved) {
  EXPECT_EQ(NextStep(kNone, ResolvedAt(2000)), Step::kStale);
  EXPECT_EQ(NextStep(kEnded, ResolvedAt(2000)), Step::kStale);
  EXPECT_EQ(NextStep(kOpenSince1000, ResolvedAt(1000)), Step::kEnd);
  EXPECT_EQ(NextStep(kOpenSince1000, ResolvedAt(2000)), Step::kEnd);
}

TEST(NextStep, ALateOlderResolvedNeverClosesANewerEpisode) {
  EXPECT_EQ(NextStep(kOpenSince1000, ResolvedAt(999)), Step::kStale);
}

TEST(NextStep, AResolvedWithoutAnEndEndsTheEpisode) {
  Alert resolved = ResolvedAt(0);
  resolved.ends_at_ms.reset();
  EXPECT_EQ(NextStep(kOpenSince1000, resolved), Step::kEnd);
}

}  // namespace
}  // namespace sidecar::webhook
