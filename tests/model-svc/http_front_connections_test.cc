#include "model-svc/http_front_connections.h"

#include <gtest/gtest.h>

namespace model::http_front {
namespace {

using base::Millis;

const HttpFrontOptions kLimits = {.message_deadline = Millis{10},
                                  .idle_timeout = Millis{5'000},
                                  .crowded_timeout = Millis{100},
                                  .write_deadline = Millis{20}};

Verdict JudgeWaiting(int ms, const Situation& situation) {
  return Judge(Phase::kWaiting, Millis{ms}, situation, kLimits);
}

TEST(Judge, AnIdleConnectionIsRetired) {
  EXPECT_EQ(JudgeWaiting(4'999, {}), Verdict::kKeep);
  EXPECT_EQ(JudgeWaiting(5'000, {}), Verdict::kRetire);
}

TEST(Judge, ItHasLessTimeInACrowd) {
  EXPECT_EQ(JudgeWaiting(99, {.crowded = true}), Verdict::kKeep);
  EXPECT_EQ(JudgeWaiting(100, {.crowded = true}), Verdict::kRetire);
}

TEST(Judge, ADrainLeavesAMomentForWhatIsOnItsWay) {
  const int grace = static_cast<int>(kDrainGrace.count());
  EXPECT_EQ(JudgeWaiting(4'000, {.draining_for = Millis{grace - 1}}), Verdict::kKeep);
  EXPECT_EQ(JudgeWaiting(4'000, {.draining_for = Millis{grace}}), Verdict::kRetire);
  EXPECT_EQ(JudgeWaiting(grace - 1, {.draining_for = Millis{4'000}}), Verdict::kKeep)
      << "one that was accepted late has its moment too";
}

TEST(Judge, ARequestAndAnAnswerHaveDeadlinesOfTheirOwn) {
  const Situation drain = {.draining_for = Millis{60'000}};
  for (const Situation& situation : {Situation{}, drain, Situation{.crowded = true}}) {
    for (const Phase phase : {Phase::kHead, Phase::kBody}) {
      EXPECT_EQ(Judge(phase, Millis{9}, situation, kLimits), Verdict::kKeep);
      EXPECT_EQ(Judge(phase, Millis{10}, situation, kLimits), Verdict::kCut);
    }
    EXPECT_EQ(Judge(Phase::kHandling, Millis{1'000'000}, situation, kLimits), Verdict::kKeep);
    EXPECT_EQ(Judge(Phase::kAnswering, Millis{19}, situation, kLimits), Verdict::kKeep);
    EXPECT_EQ(Judge(Phase::kAnswering, Millis{20}, situation, kLimits), Verdict::kCut);
  }
}

TEST(Judge, AMessageHasLessTimeInACrowd) {
  HttpFrontOptions limits = kLimits;
  limits.message_deadline = Millis{10'000};
  for (const Phase phase : {Phase::kHead, Phase::kBody}) {
    EXPECT_EQ(Judge(phase, Millis{100}, {}, limits), Verdict::kKeep);
    EXPECT_EQ(Judge(phase, Millis{99}, {.crowded = true}, limits), Verdict::kKeep);
    EXPECT_EQ(Judge(phase, Millis{100}, {.crowded = true}, limits), Verdict::kCut);
  }
}

TEST(PhaseMark, KnowsSinceWhen) {
  const base::SteadyTime start{Millis{1'000'000}};
  PhaseMark mark(start);
  EXPECT_EQ(mark.phase(), Phase::kWaiting);
  EXPECT_EQ(mark.In(start + Millis{70}), Millis{70});
  mark.Enter(Phase::kAnswering, start + Millis{50});
  EXPECT_EQ(mark.phase(), Phase::kAnswering);
  EXPECT_EQ(mark.In(start + Millis{70}), Millis{20});
  EXPECT_EQ(mark.In(start), Millis{0}) << "a reader's clock may be read before the writer's";
}

}  // namespace
}  // namespace model::http_front
