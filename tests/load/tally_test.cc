#include "bench/load/tally.h"

#include <gtest/gtest.h>

namespace load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Nanos kGood = milliseconds(100);

// A phase of a healthy run: 1,000 requests, answered in 5 ms.
PhaseTally Healthy() {
  PhaseTally tally;
  tally.counts.scheduled = 1000;
  tally.counts.offered = 1000;
  for (int i = 0; i < 1000; ++i) {
    tally.schedule_error.Record(milliseconds(1));
    tally.from_send.Record(milliseconds(5));
  }
  return tally;
}

TEST(GeneratorLimited, NotWhenAllWasHandedOverInTime) {
  EXPECT_FALSE(GeneratorLimited(Healthy(), kGood));
  EXPECT_FALSE(GeneratorLimited(PhaseTally(), kGood));
}

TEST(GeneratorLimited, ByItsOwnLateness) {
  PhaseTally slow = Healthy();
  for (int i = 0; i < 20; ++i) slow.schedule_error.Record(milliseconds(60));
  EXPECT_TRUE(GeneratorLimited(slow, kGood));
  PhaseTally late = Healthy();
  late.counts.late = 10;
  EXPECT_FALSE(GeneratorLimited(late, kGood));
  late.counts.late = 11;
  EXPECT_TRUE(GeneratorLimited(late, kGood));
}

TEST(GeneratorLimited, ByTooFewConnectionsOnlyWhenTheAnswersWereNotSlow) {
  PhaseTally few = Healthy();
  few.counts.no_connection = 11;
  EXPECT_TRUE(GeneratorLimited(few, kGood));
  PhaseTally slow = few;
  for (int i = 0; i < 200; ++i) slow.from_send.Record(milliseconds(150));
  EXPECT_FALSE(GeneratorLimited(slow, kGood));
  PhaseTally hanging = few;
  hanging.counts.timed_out = 11;
  EXPECT_FALSE(GeneratorLimited(hanging, kGood));
}

TEST(Tallies, CountsEachPhaseAndWhatIsRecent) {
  Tallies tallies({{.target_rps = 5}, {.target_rps = 10}}, kGood);
  tallies.Scheduled(0);
  tallies.Offered(0, Nanos(1));
  tallies.Answered(0, 200, kGood, Nanos(1));
  tallies.Answered(0, 200, kGood + Nanos(1), Nanos(1));
  tallies.Answered(0, 422, Nanos(1), Nanos(1));
  tallies.Answered(1, 503, Nanos(1), Nanos(1));
  tallies.Failed(1, "refused");
  const PhaseTally& first = tallies.phases().at(0);
  EXPECT_EQ(first.target_rps, 5);
  EXPECT_EQ(first.counts.answered, 3U);
  EXPECT_EQ(first.counts.good, 2U);
  EXPECT_EQ(Served(first.codes), 2U);
  EXPECT_EQ(Shed(first.codes), 0U);
  EXPECT_EQ(Shed(tallies.phases().at(1).codes), 1U);
  EXPECT_EQ(tallies.last_failure(), "refused");
  EXPECT_EQ(tallies.TakeRecent().counts.answered, 4U);
  EXPECT_EQ(tallies.TakeRecent().counts.answered, 0U);
  EXPECT_EQ(tallies.TakeRecent().from_schedule.Max(), std::nullopt);
}

}  // namespace
}  // namespace load
