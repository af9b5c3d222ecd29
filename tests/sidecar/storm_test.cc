#include "sidecar/webhook/storm.h"

#include "tests/sidecar/history_fixture.h"

namespace sidecar::webhook {
namespace {

using Texts = std::vector<std::string>;

constexpr base::WallMs kSecond = 1'000;

store::EpisodeRow Open() { return {.id = 1}; }

TEST(NextStormAct, TheFirstSummaryComesSoonTheNextOnesEachMinute) {
  StormView view{.oldest_ms = 100 * kSecond};
  EXPECT_EQ(NextStormAct(view, 102 * kSecond), StormAct::kNothing);
  EXPECT_EQ(NextStormAct(view, 103 * kSecond), StormAct::kSummarise);
  view.episode = Open();
  view.last_told_ms = 90 * kSecond;
  EXPECT_EQ(NextStormAct(view, 149 * kSecond), StormAct::kNothing);
  EXPECT_EQ(NextStormAct(view, 150 * kSecond), StormAct::kSummarise);
}

TEST(NextStormAct, TheStormEndsAMinuteAfterTheLimitWasExceededLast) {
  StormView view{.episode = Open(), .last_told_ms = 0, .exceeded_ms = 100 * kSecond};
  EXPECT_EQ(NextStormAct(view, 159 * kSecond), StormAct::kNothing);
  EXPECT_EQ(NextStormAct(view, 160 * kSecond), StormAct::kEnd);
  view.episode->ended_at_ms = 160 * kSecond;
  EXPECT_EQ(NextStormAct(view, 999 * kSecond), StormAct::kNothing);
}

TEST(NextStormAct, AClockThatWasSetBackHoldsNothingBack) {
  StormView view{.oldest_ms = 100 * kSecond, .episode = Open(), .last_told_ms = 90 * kSecond};
  EXPECT_EQ(NextStormAct(view, 10 * kSecond), StormAct::kSummarise);
  view.oldest_ms.reset();
  view.exceeded_ms = 100 * kSecond;
  EXPECT_EQ(NextStormAct(view, 10 * kSecond), StormAct::kEnd);
}

class StormTest : public History {
 protected:
  StormTest() {
    policy_.storm_above = 5;
    policy_.targets = {{"email", "a@example.org"}, {"telegram", "-100"}};
    Wire();
  }
  std::vector<Alert> Many(int number, bool firing = true, double starts = 0) {
    std::vector<Alert> alerts;
    alerts.reserve(static_cast<std::size_t>(number));
    for (int i = 0; i < number; ++i) alerts.push_back(Warm(i, firing, starts));
    return alerts;
  }
  Texts Mails() { return Rows("SELECT subject FROM outbox WHERE channel = 'email' ORDER BY id"); }
};

TEST_F(StormTest, UpToTheLimitEachIsToldOfSingly) {
  Record(0, Many(5));
  EXPECT_EQ(Mails().size(), 5u);
  Tell(0.1);
  EXPECT_EQ(Mails().size(), 5u);
}

TEST_F(StormTest, AboveItOneSummaryForEachTarget) {
  Record(0, Many(40));
  EXPECT_EQ(Count("outbox"), 0);
  EXPECT_EQ(Count("episodes"), 40);
  Tell(0.02);
  EXPECT_EQ(Count("outbox"), 0);
  Tell(0.06);
  EXPECT_EQ(Mails(), Texts{"[STORM] 40 firing"});
  EXPECT_EQ(Count("outbox WHERE channel = 'telegram'"), 1);
  EXPECT_EQ(Count("transitions WHERE tell <> 'told'"), 0);
  const auto text = Value("SELECT text FROM outbox WHERE channel = 'email'");
  EXPECT_NE(text.find("Warm0: 4 firing\n"), std::string::npos) << text;
  EXPECT_NE(text.find("More: 2 other names\n"), std::string::npos) << text;
  EXPECT_NE(text.find("https://alerts.example.org/api/v1/alerts?state=open"), std::string::npos);
  EXPECT_NE(herald_metrics_->Text().find("fraud_sidecar_storm 1"), std::string::npos);
}

TEST_F(StormTest, CriticalOnesStillComeSingly) {
  auto alerts = Many(40);
  alerts.push_back(Firing(0));
  Record(0, alerts);
  EXPECT_EQ(Mails(), Texts{"[FIRING] Hot: hot"});
  Record(1, {Resolved(0, 1)});
  EXPECT_EQ(Mails().back(), "[RESOLVED] Hot, was: hot");
}

TEST_F(StormTest, TheLimitIsOfTheLastMinuteWhateverCameTogether) {
  for (int i = 0; i < 5; ++i) Record(0.1 * i, {Warm(i)});
  EXPECT_EQ(Mails().size(), 5u);
  Record(0.5, {Warm(5)});
  EXPECT_EQ(Mails().size(), 5u);
  Record(1.6, {Warm(6)});
  EXPECT_EQ(Mails().size(), 6u);
}

TEST_F(StormTest, AlertsThatNobodyIsToldOfAreNoStorm) {
  auto alerts = Many(40);
  for (Alert& alert : alerts) alert.labels["severity"] = "info";
  Record(0, alerts);
  Record(0.1, {Warm(99)});
  EXPECT_EQ(Mails().size(), 1u);
}

TEST_F(StormTest, IsAnEpisodeOfItsOwn) {
  Record(0, Many(40));
  Tell(0.06);
  Record(0.5, {Warm(50), Warm(51)});
  Tell(0.9);
  EXPECT_EQ(Mails().size(), 1u);
  Tell(1.06);
  EXPECT_EQ(Mails().back(), "[STORM] 2 firing");
  Tell(1.5);
  EXPECT_EQ(Count("episodes WHERE name = 'AlertStorm' AND ended_at_ms IS NULL"), 1);
  Tell(2.5);
  EXPECT_EQ(Mails().back(), "[STORM OVER] alerts come singly again");
  EXPECT_EQ(Rows("SELECT kind FROM transitions JOIN episodes ON episodes.id = episode_id"
                 " WHERE name = 'AlertStorm' AND source = 'fraud-sidecar' ORDER BY transitions.id"),
            (Texts{"firing", "summary", "summary", "resolved"}));
  EXPECT_EQ(Value("SELECT starts_at_ms FROM episodes WHERE name = 'AlertStorm'"),
            std::to_string(At(0)));
  EXPECT_EQ(Rows("SELECT DISTINCT thread FROM outbox").size(), 1u);
  Tell(2.6);
  EXPECT_NE(herald_metrics_->Text().find("fraud_sidecar_storm 0"), std::string::npos);
}

TEST_F(StormTest, WhoWasToldInASummaryThatItFiresIsToldInASummaryThatItEnded) {
  Record(0, Many(40));
  Tell(0.06);
  Tell(1.5);
  Tell(2.5);
  ASSERT_EQ(Mails().back(), "[STORM OVER] alerts come singly again");
  Record(10, {Warm(3, false)});
  EXPECT_EQ(Mails().size(), 2u);
  Tell(10.06);
  EXPECT_EQ(Mails().back(), "[STORM] 1 ended");
  EXPECT_EQ(Count("episodes WHERE name = 'AlertStorm'"), 1) << "it belongs to the one before";
}

TEST_F(StormTest, WhoseFiringWasToldSinglyEndsSingly) {
  Record(0, {Warm(100)});
  Record(5, Many(40));
  Tell(5.06);
  Tell(6.2);
  Tell(7.3);
  Record(10, {Warm(100, false)});
  EXPECT_EQ(Mails().back(), "[RESOLVED] Warm4, was: hot");
}

TEST_F(StormTest, WhoseFiringNobodyWasToldOfEndsSingly) {
  policy_.notify_severities = {"critical"};
  Wire();
  Record(0, {Warm(100), Warm(101), Warm(102)});
  EXPECT_TRUE(Mails().empty());
  policy_.notify_severities = {"critical", "warning"};  // a restart with other settings
  Wire();
  Record(10, {Warm(100, false)});
  EXPECT_EQ(Mails(), Texts{"[RESOLVED] Warm4, was: hot"});
  Tell(11);
  EXPECT_EQ(Mails().size(), 1u) << "there is no storm";
  // The same for an end that is held, since the alert flaps.
  Record(20, {Warm(101, false)});
  Record(30, {Warm(101, true, 30)});
  policy_.notify_severities = {"critical"};
  Wire();
  Execute("UPDATE episodes SET reminded_at_ms = NULL");  // as if that firing had not been heeded
  policy_.notify_severities = {"critical", "warning"};
  Wire();
  Record(31, {Warm(101, false, 30)});
  EXPECT_EQ(Count("transitions WHERE tell = 'held'"), 1);
  Tell(40);
  EXPECT_EQ(Mails().back(), "[RESOLVED] Warm5, was: hot");
  EXPECT_EQ(Count("episodes WHERE name = 'AlertStorm'"), 0);
}

TEST_F(StormTest, WhatFiresAgainBeforeTheSummaryOfItsEndIsTheSameEpisode) {
  Record(0, Many(40));
  Tell(0.06);
  Record(0.5, {Warm(3, false)});
  EXPECT_EQ(Record(0.6, {Warm(3, true, 0.6)}).at(Step::kRefire), 1);
  Tell(1.1);
  EXPECT_EQ(Mails().size(), 1u) << "nothing is left to tell";
}

TEST_F(StormTest, NobodyIsRemindedSinglyOfWhatWasToldInASummary) {
  policy_.remind_every = base::Millis(60'000);
  Wire();
  Record(0, Many(40));
  Tell(0.06);
  Tell(100);
  EXPECT_EQ(Count("transitions WHERE kind = 'reminder'"), 0);
}

TEST_F(StormTest, ARestartInTheStormTellsWhatWaits) {
  Record(0, Many(40));
  Wire();
  Tell(10);
  EXPECT_EQ(Mails(), Texts{"[STORM] 40 firing"});
  Tell(12);
  Tell(14);
  EXPECT_EQ(Count("episodes WHERE name = 'AlertStorm' AND ended_at_ms IS NULL"), 0);
}

TEST_F(StormTest, TenThousandAtOnceAreTwoMessages) {
  Record(0, Many(10'000));
  Tell(0.06);
  EXPECT_EQ(Count("outbox"), 2);
  EXPECT_EQ(Count("transitions WHERE tell <> 'told'"), 0);
  EXPECT_EQ(Count("episodes WHERE reminded_at_ms NOTNULL"), 0);
}

}  // namespace
}  // namespace sidecar::webhook
