#include "sidecar/webhook/recorder.h"

#include "tests/sidecar/history_fixture.h"

namespace sidecar::webhook {
namespace {

using RecorderTest = History;
using Texts = std::vector<std::string>;

TEST_F(RecorderTest, TheFirstEndWithinAnHourIsToldAtOnce) {
  EXPECT_EQ(RecordOne(1, Firing(0)), Step::kOpen);
  EXPECT_EQ(RecordOne(5, Resolved(0, 4)), Step::kEnd);
  EXPECT_EQ(Subjects(), (Texts{"[FIRING] Hot: hot", "[RESOLVED] Hot, was: hot"}));
}

TEST_F(RecorderTest, TheNextEndsAreHeldForLongerAndLonger) {
  for (int i = 0; i < 4; ++i) {
    const int at = 10 * i;
    EXPECT_EQ(RecordOne(at, Firing(at)), Step::kOpen) << i;
    EXPECT_EQ(RecordOne(at + 1, Resolved(at, at + 1)), Step::kEnd) << i;
    Tell(at + 9.9);
  }
  EXPECT_EQ(Rows("SELECT tell_at_ms - received_at_ms FROM transitions WHERE tell = 'held'"),
            Texts{})
      << "all are released";
  EXPECT_EQ(Count("outbox WHERE subject LIKE '[RESOLVED]%'"), 4);
  RecordOne(40, Firing(40));
  RecordOne(41, Resolved(40, 41));
  EXPECT_EQ(Value("SELECT tell_at_ms - received_at_ms FROM transitions WHERE tell = 'held'"),
            std::to_string(8 * 60'000));
}

TEST_F(RecorderTest, AnEndOfMoreThanAnHourAgoDoesNotCount) {
  RecordOne(0, Firing(0));
  RecordOne(1, Resolved(0, 1));
  RecordOne(60, Firing(60));
  RecordOne(61.1, Resolved(60, 61));
  EXPECT_EQ(Count("transitions WHERE tell = 'held'"), 0);
  EXPECT_EQ(Count("outbox"), 4);
}

TEST_F(RecorderTest, WhatFiresAgainBeforeItsEndWasToldIsTheSameEpisode) {
  RecordOne(0, Firing(0));
  RecordOne(1, Resolved(0, 1));
  RecordOne(2, Firing(2));
  RecordOne(3, Resolved(2, 3));  // held until 4
  EXPECT_EQ(RecordOne(3.5, Firing(3.5)), Step::kRefire);
  EXPECT_EQ(Count("episodes"), 2);
  EXPECT_EQ(Value("SELECT flaps FROM episodes WHERE ended_at_ms IS NULL"), "1");
  EXPECT_EQ(Value("SELECT starts_at_ms FROM episodes WHERE id = 2"), std::to_string(At(2)));
  EXPECT_EQ(Rows("SELECT kind || ' ' || tell FROM transitions WHERE episode_id = 2 ORDER BY id"),
            (Texts{"firing told", "resolved told", "refired told"}));
  Tell(10);
  EXPECT_EQ(Subjects().size(), 3u) << "nobody hears of the end that did not last";
  RecordOne(11, Resolved(3.5, 11));
  Tell(13);
  EXPECT_EQ(Subjects().size(), 4u);
  EXPECT_EQ(Count("outbox WHERE text LIKE '%Flapping: it ended 3 times within an hour%'"), 1);
}

TEST_F(RecorderTest, WithOneAlertmanagerAFiringAfterTheEndOpensAtOnce) {
  RecordOne(0, Firing(0));
  RecordOne(1, Resolved(0, 1));
  EXPECT_EQ(RecordOne(1.5, Firing(0)), Step::kOpen);
}

TEST_F(RecorderTest, TheSlowerTwinChangesNothingButCounters) {
  policy_.pair_source = "prod";
  RecordOne(0, Firing(0));
  RecordOne(1, Resolved(0, 1));
  EXPECT_EQ(RecordOne(1.2, Firing(0)), Step::kTwin);
  EXPECT_EQ(RecordOne(1.3, Resolved(0, 1)), Step::kStale);
  EXPECT_EQ(Count("episodes WHERE ended_at_ms NOTNULL AND seen_count = 2"), 1);
  EXPECT_EQ(Count("transitions"), 2);
  EXPECT_EQ(Subjects().size(), 2u);
  EXPECT_EQ(RecordOne(2, Firing(0), /*late=*/true), Step::kOpen) << "who asks knows";
}

TEST_F(RecorderTest, APairIsOfItsSourceOnly) {
  policy_.pair_source = "other";
  RecordOne(0, Firing(0));
  RecordOne(1, Resolved(0, 1));
  EXPECT_EQ(RecordOne(1.5, Firing(0)), Step::kOpen);
}

TEST_F(RecorderTest, TheStartMovesEarlierButNeverIntoTheEpisodeBefore) {
  RecordOne(5, Firing(4));
  RecordOne(6, Firing(3));
  EXPECT_EQ(Value("SELECT starts_at_ms FROM episodes"), std::to_string(At(3)));
  RecordOne(8, Resolved(2, 7));
  EXPECT_EQ(Value("SELECT starts_at_ms FROM episodes"), std::to_string(At(2)));
  RecordOne(20, Firing(19));
  EXPECT_EQ(RecordOne(21, Firing(4)), Step::kRepeat) << "a twin's late word of the first";
  EXPECT_EQ(Value("SELECT starts_at_ms FROM episodes WHERE id = 2"), std::to_string(At(19)));
}

TEST_F(RecorderTest, AnAbsurdTimeIsNotKept) {
  Alert alert = Firing(0);
  alert.starts_at_ms = -62'135'596'800'000;  // the year 1
  RecordOne(3, alert);
  EXPECT_EQ(Value("SELECT starts_at_ms FROM episodes"), std::to_string(At(3)));
  EXPECT_EQ(RecordOne(300, alert), Step::kRepeat);
  alert.firing = false;
  alert.ends_at_ms = 253'402'300'799'000;  // the year 9999
  EXPECT_EQ(RecordOne(301, alert), Step::kEnd);
  EXPECT_EQ(Value("SELECT ended_at_ms FROM episodes"), std::to_string(At(301)));
}

TEST_F(RecorderTest, AnEpisodeOfTheFutureCanStillEnd) {
  RecordOne(0, Firing(60 * 24 * 365));
  EXPECT_EQ(RecordOne(1, Resolved(60 * 24 * 365, 1)), Step::kEnd);
  EXPECT_EQ(Count("episodes WHERE ended_at_ms >= starts_at_ms"), 1);
}

TEST_F(RecorderTest, ALateOneSaysThatNobodyToldOfIt) {
  RecordOne(30, Firing(0), /*late=*/true);
  EXPECT_EQ(Count("episodes WHERE late = 1"), 1);
  EXPECT_EQ(Count("outbox WHERE text LIKE '%found by asking Alertmanager. It began 2026-11-22T10:00"
                  ":00.000Z and nobody told of it.%'"),
            1);
}

class EndByAbsence : public History {
 protected:
  void End(double minute, const std::string& reason) {
    const auto ended = store_->Write([&](const store::Database& database) -> base::Status {
      Recorder recorder(&database, store_->instance(), &policy_,
                        {.source = "prod", .now = At(minute)});
      const auto row = store::LatestEpisode(database, "prod", "f1");
      if (!row) return row.error();
      auto done = recorder.EndByAbsence(**row, At(minute - 3), reason);
      return done ? recorder.Announce() : done;
    });
    EXPECT_TRUE(ended.ok());
  }
};

TEST_F(EndByAbsence, SaysHowItEnded) {
  RecordOne(0, Firing(0));
  End(70, "silenced");
  RecordOne(140, Firing(140));
  End(210, "vanished");
  EXPECT_EQ(
      Count("outbox WHERE subject = '[ENDED] Hot, was: hot' AND text LIKE '%behind a silence%'"),
      1);
  EXPECT_EQ(Count("outbox WHERE text LIKE '%how it ended is unknown%'"), 1);
}

TEST_F(EndByAbsence, FlapsLikeAnyOtherEnd) {
  RecordOne(0, Firing(0));
  RecordOne(1, Resolved(0, 1));
  RecordOne(2, Firing(2));
  End(10, "silenced");
  EXPECT_EQ(Count("transitions WHERE kind = 'silenced' AND tell = 'held'"), 1);
  EXPECT_EQ(RecordOne(10.5, Firing(2)), Step::kRefire);
}

}  // namespace
}  // namespace sidecar::webhook
