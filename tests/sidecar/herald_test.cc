#include "sidecar/webhook/herald.h"

#include "sidecar/store/untold.h"
#include "tests/sidecar/history_fixture.h"

namespace sidecar::webhook {
namespace {

using Texts = std::vector<std::string>;

class HeldEnds : public History {
 protected:
  // Its second end within the hour, recorded at minute 3 and held until 4.
  void HoldOne() {
    RecordOne(0, Firing(0));
    RecordOne(1, Resolved(0, 1));
    RecordOne(2, Firing(2));
    RecordOne(3, Resolved(2, 3));
  }
};

TEST_F(HeldEnds, AreToldWhenTheHoldIsOver) {
  HoldOne();
  Tell(3.99);
  EXPECT_EQ(Subjects().size(), 3u);
  EXPECT_EQ(wakes_, 0);
  Tell(4);
  ASSERT_EQ(Subjects().size(), 4u);
  EXPECT_EQ(Subjects()[3], "[RESOLVED] Hot, was: hot");
  EXPECT_EQ(Count("outbox WHERE text LIKE '%Flapping: it ended 2 times within an hour%'"), 1);
  EXPECT_EQ(wakes_, 1);
  Tell(5);
  EXPECT_EQ(Subjects().size(), 4u);
}

TEST_F(HeldEnds, AreInTheThreadOfTheirFiring) {
  HoldOne();
  Tell(4);
  EXPECT_EQ(Rows("SELECT DISTINCT thread FROM outbox WHERE id IN (3, 4)").size(), 1u);
}

TEST_F(HeldEnds, SurviveARestart) {
  HoldOne();
  Wire();
  Tell(100);
  EXPECT_EQ(Subjects().size(), 4u);
}

TEST_F(HeldEnds, AreNotKeptBackByAClockThatWasSetBack) {
  HoldOne();
  Tell(-1'000);
  EXPECT_EQ(Subjects().size(), 4u);
}

TEST_F(HeldEnds, AreReleasedInRoundsThatAreBounded) {
  policy_.storm_above = 100'000;
  Wire();
  std::vector<Alert> firing;
  std::vector<Alert> ended;
  for (int i = 0; i < kMostARound + 5; ++i) {
    firing.push_back(Warm(i));
    ended.push_back(Warm(i, false));
  }
  for (const double minute : {0, 1}) {
    Record(minute, firing);
    Record(minute, ended);
  }
  const auto told = Count("outbox");
  Tell(3);
  EXPECT_EQ(Count("outbox") - told, kMostARound);
  Tell(3);
  EXPECT_EQ(Count("outbox") - told, kMostARound + 5);
}

TEST_F(HeldEnds, OfManyThatAreNotCriticalBecomeASummary) {
  policy_.storm_above = 4;
  Wire();
  for (int i = 0; i < 5; ++i) {  // spread out: none of it is a storm
    for (const double minute : {0, 2}) {
      Record(minute + 10 * i, {Warm(i, true, minute + 10 * i)});
      Record(minute + 10 * i + 1, {Warm(i, false, minute + 10 * i)});
    }
  }
  EXPECT_EQ(Count("outbox"), 5 * 3);
  Tell(55);
  EXPECT_EQ(Count("outbox"), 5 * 3);
  EXPECT_EQ(Count("transitions WHERE tell = 'storm'"), 5);
}

TEST_F(HeldEnds, AFailureIsTriedAgainInTheNextRound) {
  HoldOne();
  Execute("CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT raise(ABORT, 'full'); END");
  Tell(4);
  EXPECT_EQ(Count("transitions WHERE tell = 'held'"), 1);
  Execute("DROP TRIGGER full");
  Tell(4.1);
  EXPECT_EQ(Subjects().size(), 4u);
}

class Reminders : public History {
 protected:
  Reminders() {
    policy_.remind_every = base::Millis(60 * 60'000);
    Wire();
  }
};

TEST_F(Reminders, ComeWhileItFires) {
  RecordOne(0, Firing(0));
  Tell(59.9);
  EXPECT_EQ(Subjects().size(), 1u);
  Tell(60);
  ASSERT_EQ(Subjects().size(), 2u);
  EXPECT_EQ(Subjects()[1], "[STILL FIRING] Hot, since 2026-11-22T10:00:00.000Z: hot");
  EXPECT_EQ(Rows("SELECT DISTINCT thread FROM outbox").size(), 1u);
  EXPECT_EQ(Count("transitions WHERE kind = 'reminder'"), 1);
  Tell(119);
  EXPECT_EQ(Subjects().size(), 2u);
  Tell(121);
  EXPECT_EQ(Subjects().size(), 3u);
  RecordOne(130, Resolved(0, 130));
  Tell(300);
  EXPECT_EQ(Subjects().size(), 4u);
}

TEST_F(Reminders, ComeAtTheSameTimeWhoeverHeardOfItLater) {
  RecordOne(20, Firing(0));  // the other sidecar heard of it at 0
  Tell(59.9);
  EXPECT_EQ(Subjects().size(), 1u);
  Tell(60);
  EXPECT_EQ(Subjects().size(), 2u);
}

TEST_F(Reminders, DoNotFollowTheFiringAtOnce) {
  RecordOne(50, Firing(0));
  for (const double minute : {60.0, 119.9}) Tell(minute);
  EXPECT_EQ(Subjects().size(), 1u);
  Tell(120);
  EXPECT_EQ(Subjects().size(), 2u);
}

TEST_F(Reminders, AreNotMadeUpForAfterADowntime) {
  RecordOne(0, Firing(0));
  Wire();
  for (const double minute : {500.0, 500.1, 539.9}) Tell(minute);
  EXPECT_EQ(Subjects().size(), 2u);
}

TEST_F(Reminders, AreNotSentOfWhatIsSilenced) {
  RecordOne(0, Firing(0));
  Execute("UPDATE episodes SET silenced = 1");
  Tell(500);
  EXPECT_EQ(Subjects().size(), 1u);
  Execute("UPDATE episodes SET silenced = 0");
  Tell(501);
  EXPECT_EQ(Subjects().size(), 2u);
}

TEST_F(Reminders, AreOfNothingThatPeopleAreNotToldOf) {
  Alert alert = Firing(0);
  alert.labels["severity"] = "info";
  RecordOne(0, alert);
  Tell(500);
  EXPECT_EQ(Subjects().size(), 0u);
}

TEST_F(Reminders, CanBeOff) {
  policy_.remind_every = base::Millis(0);
  Wire();
  RecordOne(0, Firing(0));
  Tell(100'000);
  EXPECT_EQ(Subjects().size(), 1u);
}

TEST_F(Reminders, AClockThatWasSetBackGivesOneAndNoMore) {
  RecordOne(1'000, Firing(1'000));
  Tell(0);
  Tell(0.1);
  Tell(39);
  EXPECT_EQ(Subjects().size(), 2u);
}

}  // namespace
}  // namespace sidecar::webhook
