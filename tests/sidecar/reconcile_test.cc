#include "sidecar/webhook/reconcile.h"

#include <gtest/gtest.h>

namespace sidecar::webhook {
namespace {

constexpr base::WallMs kMinute = 60'000;
constexpr base::WallMs kNoon = 1'000 * kMinute;  // when the process started
constexpr base::WallMs kLongAgo = kNoon - 100 * kMinute;

ListedAlert Active(const std::string& fingerprint, base::WallMs starts_at_ms = kLongAgo) {
  return {.alert = {.firing = true,
                    .fingerprint = fingerprint,
                    .labels = {{"alertname", "Hot"}, {"severity", "critical"}},
                    .starts_at_ms = starts_at_ms},
          .active = true};
}

ListedAlert Silenced(const std::string& fingerprint) {
  ListedAlert listed = Active(fingerprint);
  listed.active = false;
  listed.suppressed = true;
  return listed;
}

// Up since `started_at_ms`, tells within a minute.
ManagerAnswer Lists(std::vector<ListedAlert> alerts, base::WallMs started_at_ms = kLongAgo) {
  return {.status = {.started_at_ms = started_at_ms, .tells_within = base::Millis(kMinute)},
          .alerts = std::move(alerts)};
}

// One round a minute, against a history that holds what the test says.
class ReconcileTest : public testing::Test {
 protected:
  ReconcilePlan Round(std::vector<std::optional<ManagerAnswer>> answers) {
    now_ += kMinute;
    const Survey round{.asked_at_ms = now_ - 1'000, .now = now_, .answers = std::move(answers)};
    ReconcilePlan plan = Reconcile({}, round, open_, &memory_);
    for (const auto& [id, silenced] : plan.listed) {
      for (auto& episode : open_) {
        if (episode.id != id) continue;
        episode.listed_at_ms = now_;
        episode.silenced = silenced;
      }
    }
    return plan;
  }
  // The first of so many equal rounds that ends an episode, from 1; 0: none did.
  int EndsInRound(const std::vector<std::optional<ManagerAnswer>>& answers, int rounds = 10) {
    for (int i = 1; i <= rounds; ++i) {
      const auto plan = Round(answers);
      if (plan.end.empty()) continue;
      reason_ = plan.end[0].reason;
      ended_at_ms_ = plan.end[0].ended_at_ms;
      return i;
    }
    return 0;
  }
  void Open(const std::string& fingerprint) {
    open_.push_back({.id = static_cast<std::int64_t>(open_.size()) + 1,
                     .fingerprint = fingerprint,
                     .last_seen_ms = kNoon - kMinute});
  }

  base::WallMs now_ = kNoon;
  std::vector<store::OpenEpisode> open_;
  ReconcileMemory memory_;
  std::string reason_;
  base::WallMs ended_at_ms_ = 0;
};

TEST_F(ReconcileTest, WhatFiredLongBeforeTheStartIsOpenedAtOnce) {
  const auto plan = Round({Lists({Active("f1")})});
  ASSERT_EQ(plan.open.size(), 1u);
  EXPECT_EQ(plan.open[0].fingerprint, "f1");
}

TEST_F(ReconcileTest, WhatBeganJustBeforeTheStartIsLeftToItsWebhook) {
  const base::WallMs starts = kNoon + 30'000;
  EXPECT_TRUE(Round({Lists({Active("f1", starts)})}).open.empty());
  EXPECT_EQ(Round({Lists({Active("f1", starts)})}).open.size(), 1u) << "90 s after its start";
}

TEST_F(ReconcileTest, WhatAppearsLaterHasItsTimeFromThenOn) {
  Round({Lists({})});
  // Out of a silence, or held back by Alertmanager's group_interval: its startsAt is long past.
  EXPECT_TRUE(Round({Lists({Active("f1")})}).open.empty());
  EXPECT_EQ(Round({Lists({Active("f1")})}).open.size(), 1u);
}

TEST_F(ReconcileTest, WhatHasJustEndedHereHasItsTimeFromThenOn) {
  Open("f1");
  Round({Lists({Active("f1")})});
  open_.clear();  // its resolved came; the twin Alertmanager still lists it
  EXPECT_TRUE(Round({Lists({Active("f1")})}).open.empty());
  EXPECT_EQ(Round({Lists({Active("f1")})}).open.size(), 1u);
}

TEST_F(ReconcileTest, AnOpenOneIsNotOpenedAgain) {
  Open("f1");
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Round({Lists({Active("f1")})}).open.empty());
}

TEST_F(ReconcileTest, NeitherSuppressedNorUnprocessedNorHeartbeatsAreOpened) {
  ListedAlert unprocessed = Active("f2");
  unprocessed.active = false;
  ListedAlert watchdog = Active("f3");
  watchdog.alert.labels = {{"alertname", "Watchdog"}, {"severity", "none"}};
  const auto answer = Lists({Silenced("f1"), unprocessed, watchdog});
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Round({answer}).open.empty());
}

TEST_F(ReconcileTest, ASilenceMayHaveReachedOneOfAPairOnly) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(Round({Lists({Active("f1")}), Lists({Silenced("f1")})}).open.empty());
  }
}

TEST_F(ReconcileTest, AStartInTheFutureIsNotWaitedFor) {
  EXPECT_EQ(Round({Lists({Active("f1", kNoon + 1'000 * kMinute)})}).open.size(), 1u);
}

TEST_F(ReconcileTest, WhoAnswersIsEnoughToOpen) {
  EXPECT_EQ(Round({std::nullopt, Lists({Active("f1")})}).open.size(), 1u);
}

TEST_F(ReconcileTest, WhoDoesNotAnswerDoesNotBeginTheTimeAnew) {
  Round({Lists({})});
  Round({Lists({Active("f1")})});
  EXPECT_TRUE(Round({std::nullopt}).open.empty());
  EXPECT_EQ(Round({Lists({Active("f1")})}).open.size(), 1u);
}

TEST_F(ReconcileTest, AnEndByAbsenceTakesThreeRounds) {
  Open("f1");
  Round({Lists({Active("f1")})});
  EXPECT_EQ(EndsInRound({Lists({})}), 3);
  EXPECT_EQ(reason_, "resolved");
  EXPECT_EQ(ended_at_ms_, kNoon + kMinute) << "when it was last listed";
}

TEST_F(ReconcileTest, AClockThatWasSetBackDelaysNothing) {
  Round({Lists({Active("f2")})});
  Round({Lists({Active("f2")})});
  Open("f1");
  now_ -= 60 * kMinute;
  EXPECT_EQ(EndsInRound({Lists({})}), 3);
  EXPECT_EQ(EndsInRound({Lists({})}, 0), 0);
  Round({Lists({Active("f3")})});
  now_ -= 60 * kMinute;
  open_.clear();
  Round({Lists({Active("f3")})});
  EXPECT_EQ(Round({Lists({Active("f3")})}).open.size(), 1u);
}

TEST_F(ReconcileTest, TheThreeRoundsAreRunning) {
  Open("f1");
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(EndsInRound({Lists({})}, 2), 0);
    Round({Lists({Active("f1")})});
    EXPECT_EQ(EndsInRound({Lists({})}, 2), 0);
    Round({std::nullopt});
  }
}

TEST_F(ReconcileTest, EveryAlertmanagerHasToLackIt) {
  Open("f1");
  EXPECT_EQ(EndsInRound({Lists({}), Lists({Active("f1")})}), 0);
  EXPECT_EQ(EndsInRound({Lists({}), std::nullopt}), 0);
  EXPECT_EQ(EndsInRound({std::nullopt}), 0);
  EXPECT_EQ(EndsInRound({Lists({}), Lists({})}), 3);
}

TEST_F(ReconcileTest, EachHasToBeUpForFiveMinutes) {
  Open("f1");
  // The rounds at 5, 6 and 7 minutes of its life count.
  EXPECT_EQ(EndsInRound({Lists({}), Lists({}, kNoon)}), 7);
}

TEST_F(ReconcileTest, ARestartOfAlertmanagerEndsAndOpensNothing) {
  Open("f1");
  for (int i = 0; i < 3; ++i) Round({Lists({Active("f1")})});
  const base::WallMs restarted = now_;
  EXPECT_EQ(EndsInRound({Lists({}, restarted)}, 4), 0);
  for (int i = 0; i < 5; ++i) {
    const auto plan = Round({Lists({Active("f1")}, restarted)});
    EXPECT_TRUE(plan.end.empty());
    EXPECT_TRUE(plan.open.empty());
  }
}

TEST_F(ReconcileTest, AWebhookMeanwhileIsNewerThanTheAnswers) {
  Open("f1");
  EXPECT_EQ(EndsInRound({Lists({})}, 2), 0);
  open_[0].last_seen_ms = now_ + kMinute;  // comes while the next round asks
  EXPECT_EQ(EndsInRound({Lists({})}), 4);
}

TEST_F(ReconcileTest, SilencedWhenLastListedEndsAsSilenced) {
  Open("f1");
  Round({Lists({Active("f1")})});
  const auto plan = Round({Lists({Silenced("f1")})});
  ASSERT_EQ(plan.listed.size(), 1u);
  EXPECT_TRUE(plan.listed[0].silenced);
  EXPECT_TRUE(plan.open.empty());
  EXPECT_EQ(EndsInRound({Lists({})}), 3);
  EXPECT_EQ(reason_, "silenced");
}

TEST_F(ReconcileTest, ASilenceThatIsOverDoesNotCount) {
  Open("f1");
  Round({Lists({Silenced("f1")})});
  Round({Lists({Active("f1")})});
  EXPECT_EQ(EndsInRound({Lists({})}), 3);
  EXPECT_EQ(reason_, "resolved");
}

TEST_F(ReconcileTest, NeverListedEndsAsVanishedWhenItWasLastToldOf) {
  Open("f1");
  EXPECT_EQ(EndsInRound({Lists({})}), 3);
  EXPECT_EQ(reason_, "vanished");
  EXPECT_EQ(ended_at_ms_, kNoon - kMinute);
}

TEST_F(ReconcileTest, ListedByOneThatStartedAnewSinceEndsAsVanished) {
  Open("f1");
  Round({Lists({Active("f1")})});
  EXPECT_EQ(EndsInRound({Lists({}, now_)}), 7);
  EXPECT_EQ(reason_, "vanished");
}

TEST_F(ReconcileTest, OneThatListedItAndStayedUpIsEnoughForResolved) {
  Open("f1");
  Round({Lists({Active("f1")}), Lists({Active("f1")})});
  EXPECT_EQ(EndsInRound({Lists({}, now_), Lists({})}), 7);
  EXPECT_EQ(reason_, "resolved");
}

TEST_F(ReconcileTest, AfterAStartOfOursTheRowSaysWhenItWasListed) {
  Open("f1");
  open_[0].listed_at_ms = kNoon - 20 * kMinute;
  EXPECT_EQ(EndsInRound({Lists({}), Lists({})}), 3);
  EXPECT_EQ(reason_, "resolved");
  open_.clear();
  memory_ = {};
  Open("f1");
  open_[0].listed_at_ms = kNoon - 20 * kMinute;
  // Which of the two listed it is not in the row.
  EXPECT_EQ(EndsInRound({Lists({}), Lists({}, kNoon - 10 * kMinute)}), 3);
  EXPECT_EQ(reason_, "vanished");
}

TEST_F(ReconcileTest, WhatIsRememberedIsBoundedByWhatIsOpenAndListed) {
  Open("f1");
  Round({Lists({Active("f2")})});
  EXPECT_EQ(memory_.watches.size(), 1u);
  EXPECT_EQ(memory_.mute.size(), 1u);
  open_.clear();
  Round({Lists({})});
  EXPECT_TRUE(memory_.watches.empty());
  EXPECT_TRUE(memory_.mute.empty());
}

}  // namespace
}  // namespace sidecar::webhook
