#include "bench/load/attack.h"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/load/crowd_server.h"

namespace load {
namespace {

using base::Millis;
using std::chrono::seconds;
using support::Peer;

// The real clock, which a test may set forward as if the process had been stopped.
class StallClock final : public base::Clock {
 public:
  [[nodiscard]] base::WallMs Now() const override { return real_.Now(); }
  [[nodiscard]] base::SteadyTime Steady() const override { return real_.Steady() + stalled_; }
  void Stall(Nanos by) { stalled_ += by; }

 private:
  base::RealClock real_;
  Nanos stalled_{0};
};

class AttackTest : public testing::Test {
 protected:
  Ending Run(const std::vector<std::string>& targets, std::vector<Phase> phases,
             bool endless = false, Nanos longest = seconds(30)) {
    const AttackOptions options{.connections = {.timeout = seconds(10)},
                                .longest = longest,
                                .progress_interval = seconds(1)};
    tallies_ = std::make_unique<Tallies>(phases, seconds(20));
    auto attack = Attack::Create(options, &rows_, &clock_, tallies_.get()).value();
    auto picker = RowPicker::Create(rows_, std::nullopt, Random(1)).value();
    return attack->Run(Schedule(std::move(phases), Arrivals::kUniform, Random(1), endless),
                       std::move(picker), ResolveAll(targets).value(), watcher_);
  }
  [[nodiscard]] const PhaseTally& Tally(std::size_t phase) const {
    return tallies_->phases().at(phase);
  }
  void ExpectNoneLost() const {
    for (const PhaseTally& phase : tallies_->phases()) {
      const Counts& c = phase.counts;
      EXPECT_EQ(c.scheduled, c.offered + c.not_sent());
      EXPECT_EQ(c.offered, c.answered + c.timed_out + c.failed + c.unfinished);
    }
  }

  const std::vector<Row> rows_ =
      ParseRows(R"({"kind": "normal", "transaction": {"tx_amount": 5}})", false).value();
  StallClock clock_;
  std::unique_ptr<Tallies> tallies_;
  Watcher watcher_{.enough = [] { return false; },
                   .joined = []() -> std::optional<std::vector<Target>> { return std::nullopt; },
                   .progress = [](std::size_t, Nanos) {}};
};

void AnswerAll(Peer& peer, int) {
  while (!HearRequest(&peer).empty()) peer.Write(AnswerOf(200));
}

TEST_F(AttackTest, SendsWhatIsScheduledAndWaitsForTheAnswers) {
  const CrowdServer server(AnswerAll);
  EXPECT_EQ(Run({server.name()}, {{100, Millis(300)}, {200, Millis(200)}}), Ending::kDone);
  EXPECT_EQ(Tally(0).counts.scheduled, 30U);
  EXPECT_EQ(Tally(1).counts.scheduled, 40U);
  EXPECT_EQ(Tally(0).counts.answered, Tally(0).counts.offered);
  EXPECT_EQ(Tally(1).counts.answered, Tally(1).counts.offered);
  EXPECT_GE(Tally(0).lasted + Tally(1).lasted, Millis(500));
  ExpectNoneLost();
}

TEST_F(AttackTest, AStallIsCountedFromTheScheduleAndWhatIsTooLateIsNotSent) {
  const CrowdServer server(AnswerAll);
  bool stalled = false;
  watcher_.joined = [&]() -> std::optional<std::vector<Target>> {
    if (!std::exchange(stalled, true)) clock_.Stall(seconds(3));
    return std::nullopt;
  };
  EXPECT_EQ(Run({server.name()}, {{50, Millis(3500)}}), Ending::kDone);
  const PhaseTally& tally = Tally(0);
  EXPECT_EQ(tally.counts.scheduled, 175U);
  EXPECT_GE(tally.counts.late, 100U);    // due in the first two of the three seconds
  EXPECT_GE(tally.counts.answered, 1U);  // those of the last one went out at once
  EXPECT_GT(tally.schedule_error.Max().value(), Millis(500));
  EXPECT_LE(tally.schedule_error.Max().value(), Millis(1100));
  EXPECT_GE(tally.from_schedule.Max().value(), tally.schedule_error.Max().value());
  EXPECT_TRUE(GeneratorLimited(tally, Millis(100)));
  ExpectNoneLost();
}

TEST_F(AttackTest, ASlowServerDoesNotSlowTheSchedule) {
  std::atomic<int> heard = 0;
  const CrowdServer server([&](Peer& peer, int) {  // answers nobody before all have asked
    while (!HearRequest(&peer).empty()) {
      const auto end = std::chrono::steady_clock::now() + seconds(20);
      for (++heard; heard < 20 && std::chrono::steady_clock::now() < end;)
        std::this_thread::yield();
      peer.Write(AnswerOf(200));
    }
  });
  EXPECT_EQ(Run({server.name()}, {{100, Millis(200)}}), Ending::kDone);
  EXPECT_EQ(Tally(0).counts.answered, 20U);
  ExpectNoneLost();
}

TEST_F(AttackTest, AnEndlessOneEndsInItsLastPhaseWhenItIsEnough) {
  const CrowdServer server(AnswerAll);
  watcher_.enough = [this] { return Tally(1).counts.scheduled >= 10; };  // more than its duration
  EXPECT_EQ(Run({server.name()}, {{50, Millis(100)}, {50, Millis(100)}}, true), Ending::kEnough);
  EXPECT_EQ(Tally(0).counts.scheduled, 5U);
  EXPECT_GE(Tally(1).counts.scheduled, 10U);
  ExpectNoneLost();
}

TEST_F(AttackTest, ItEndsInTheMiddleOfAPhaseWhenItIsEnough) {
  const CrowdServer server(AnswerAll);
  watcher_.enough = [this] { return Tally(0).counts.scheduled >= 2; };
  EXPECT_EQ(Run({server.name()}, {{50, Millis(60'000)}, {50, Millis(100)}}, true), Ending::kEnough);
  EXPECT_EQ(Tally(1).counts.scheduled, 0U);
  ExpectNoneLost();
}

TEST_F(AttackTest, IsBoundedInTime) {
  const CrowdServer server(AnswerAll);
  EXPECT_EQ(Run({server.name()}, {{50, Millis(100)}}, true, Millis(200)), Ending::kTooLong);
  ExpectNoneLost();
}

TEST_F(AttackTest, TargetsJoinWhileItRuns) {
  const CrowdServer server(AnswerAll);
  int looks = 0;
  watcher_.joined = [&]() -> std::optional<std::vector<Target>> {
    if (++looks != 3) return std::nullopt;
    return ResolveAll({server.name()}).value();
  };
  EXPECT_EQ(Run({}, {{100, Millis(1000)}}), Ending::kDone);
  EXPECT_GT(Tally(0).counts.no_target, 0U);
  EXPECT_GT(Tally(0).counts.answered, 0U);
  ExpectNoneLost();
}

}  // namespace
}  // namespace load
