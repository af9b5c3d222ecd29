#include "sidecar/webhook/watchdog.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sidecar/query/api.h"
#include "sidecar/store/heartbeats.h"
#include "tests/support/log_pipe.h"
#include "tests/support/temp_dir.h"

namespace sidecar::webhook {
namespace {

using nlohmann::json;
using std::chrono::minutes;

// Time in which the wall clock can be set apart from the steady one.
class SteppingClock final : public base::Clock {
 public:
  [[nodiscard]] base::WallMs Now() const override { return 1'000'000 + steady_ms_ + step_ms_; }
  [[nodiscard]] base::SteadyTime Steady() const override {
    return base::SteadyTime(base::Millis(steady_ms_));
  }
  void Advance(base::Millis by) { steady_ms_ += by.count(); }
  void Set(base::Millis by) { step_ms_ += by.count(); }

 private:
  std::int64_t steady_ms_ = 0;
  std::int64_t step_ms_ = 0;
};

class WatchdogTest : public testing::Test {
 protected:
  WatchdogTest() {
    store_ = std::move(*store::Store::Open(folder_.File("history.db"), clock_, &metrics_));
    Start();
  }
  void Start(base::Millis timeout = minutes(10)) {
    watchdog_ = std::make_unique<Watchdog>(store_.get(), &sampler_, &clock_, policy_, timeout,
                                           [this] { ++wakes_; });
    watchdog_->RunOnce();
  }
  void Hear(const std::string& source = "prod") {
    const auto noted = store_->Write([&](const store::Database& database) {
      return store::NoteHeartbeat(database, source, "f1", "Watchdog", clock_.Now());
    });
    ASSERT_TRUE(noted.ok());
    watchdog_->RunOnce();
  }
  void Pass(minutes time) {
    for (minutes i{0}; i < time; ++i) {
      clock_.Advance(minutes(1));
      watchdog_->RunOnce();
    }
  }
  // Newest first.
  json Episodes() { return json::parse(query::ListAlerts(*store_, {}).body)["alerts"]; }
  std::string State() {
    const json episodes = Episodes();
    return episodes.empty() ? "" : episodes[0]["state"].get<std::string>();
  }
  std::int64_t Messages() {
    std::int64_t count = -1;
    const auto read = store_->Read([&](const store::Database& database) {
      auto query = database.Prepare("SELECT count(*) FROM outbox");
      if (query.Next()) count = query.Int(0);
      return query.status();
    });
    EXPECT_TRUE(read.ok());
    return count;
  }

  Policy policy_{.notify_severities = {"critical"}, .targets = {{"email", "a@example.org"}}};
  support::TempDir folder_;
  SteppingClock clock_;
  base::Metrics metrics_;
  cgroup::Sampler sampler_{cgroup::Reader(folder_.path(), {.pid = 1}, {}), &clock_};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Watchdog> watchdog_;
  int wakes_ = 0;
};

TEST_F(WatchdogTest, ANeverHeardHeartbeatIsNotMissed) {
  Pass(minutes(60));
  EXPECT_TRUE(Episodes().empty());
}

TEST_F(WatchdogTest, AHeartbeatThatStaysAwayIsPagedOnceAndSoIsItsReturn) {
  Hear();
  Pass(minutes(10));
  EXPECT_TRUE(Episodes().empty()) << "not longer than the timeout";
  Pass(minutes(30));
  ASSERT_EQ(Episodes().size(), 1u);
  const json blind = json::parse(query::ShowAlert(*store_, {.captures = {"1"}}).body);
  EXPECT_EQ(blind["name"], "MonitoringBlind");
  EXPECT_EQ(blind["source"], "fraud-sidecar");
  EXPECT_EQ(blind["severity"], "critical");
  EXPECT_NE(blind["annotations"]["description"].get<std::string>().find("Watchdog of prod"),
            std::string::npos);
  EXPECT_EQ(Messages(), 1);
  Hear();
  EXPECT_EQ(State(), "ended");
  EXPECT_EQ(Episodes()[0]["end_reason"], "resolved");
  EXPECT_EQ(Messages(), 2);
  EXPECT_EQ(wakes_, 2);
  Pass(minutes(11));
  EXPECT_EQ(Episodes().size(), 2u) << "away once more";
}

TEST_F(WatchdogTest, BlindnessIsAWarningInTheLogAndItsEndIsNone) {
  Hear();
  support::LogPipe pipe;
  base::log::Start(base::log::Level::kInfo, base::log::Format::kLogfmt);
  Pass(minutes(11));
  Hear();
  const std::string log = pipe.StopAndRead();
  EXPECT_NE(log.find(" warning monitoring_blind "), std::string::npos) << log;
  EXPECT_NE(log.find(" info monitoring_sees_again "), std::string::npos) << log;
}

TEST_F(WatchdogTest, AHeartbeatThatComesIsNotMissed) {
  for (int i = 0; i < 10; ++i) {
    Hear();
    Pass(minutes(9));
  }
  EXPECT_TRUE(Episodes().empty());
}

TEST_F(WatchdogTest, AStartGivesAWholeTimeout) {
  Hear();
  clock_.Advance(minutes(600));
  Start();
  Pass(minutes(10));
  EXPECT_TRUE(Episodes().empty());
  Pass(minutes(1));
  EXPECT_EQ(State(), "open") << "it was heard by a former run";
}

TEST_F(WatchdogTest, ARestartWhileBlindPagesNobodyAgain) {
  Hear();
  Pass(minutes(11));
  Start();
  EXPECT_EQ(State(), "open") << "nothing was heard yet";
  Pass(minutes(30));
  EXPECT_EQ(Episodes().size(), 1u);
  EXPECT_EQ(Messages(), 1);
  Start();
  Hear();
  EXPECT_EQ(State(), "ended");
}

TEST_F(WatchdogTest, AClockThatIsSetPagesNobodyAndHidesNothing) {
  Hear();
  clock_.Set(minutes(600));
  Pass(minutes(5));
  EXPECT_TRUE(Episodes().empty());
  clock_.Set(-minutes(1'200));
  Hear();  // its time is before the one that is stored
  Pass(minutes(9));
  EXPECT_TRUE(Episodes().empty());
  Pass(minutes(2));
  EXPECT_EQ(State(), "open");
  clock_.Set(-minutes(60));
  Hear();
  EXPECT_EQ(State(), "ended") << "before its start, by the clock";
}

TEST_F(WatchdogTest, AHeartbeatThatCannotBeStoredIsHeard) {
  Hear();
  for (int i = 0; i < 30; ++i) {
    watchdog_->Heard("prod");
    Pass(minutes(1));
  }
  EXPECT_TRUE(Episodes().empty());
  Pass(minutes(10));
  EXPECT_EQ(State(), "open");
  watchdog_->Heard("prod");
  watchdog_->RunOnce();
  EXPECT_EQ(State(), "ended");
}

TEST_F(WatchdogTest, EachSourceIsMissed) {
  Hear("prod");
  Hear("test");
  for (int i = 0; i < 11; ++i) {
    Hear("test");
    Pass(minutes(1));
  }
  EXPECT_EQ(State(), "open");
  Start();
  Hear("test");
  EXPECT_EQ(State(), "open") << "the other is still away";
  Hear("prod");
  EXPECT_EQ(State(), "ended");
}

TEST_F(WatchdogTest, ZeroTellsNobodyEndsAndForgets) {
  Hear();
  Pass(minutes(11));
  Start(base::Millis(0));
  EXPECT_EQ(State(), "ended");
  Start();
  Pass(minutes(60));
  EXPECT_EQ(Episodes().size(), 1u) << "the source is given up";
}

TEST_F(WatchdogTest, TheAgeIsExportedOnceOneWasHeard) {
  metrics_.AddCollector([this](base::Sample& out) { watchdog_->Collect(out); });
  EXPECT_EQ(metrics_.Text().find("heartbeat_age"), std::string::npos);
  Hear();
  Pass(minutes(2));
  EXPECT_NE(metrics_.Text().find("fraud_sidecar_heartbeat_age_seconds{source=\"prod\"} 120\n"),
            std::string::npos);
  clock_.Advance(minutes(1));
  Start();
  EXPECT_NE(metrics_.Text().find("fraud_sidecar_heartbeat_age_seconds{source=\"prod\"} 180\n"),
            std::string::npos);
}

TEST_F(WatchdogTest, WhatCannotBeStoredIsToldLater) {
  Hear();
  const auto execute = [&](const char* sql) {
    return store_->Write([&](const store::Database& database) { return database.Execute(sql); });
  };
  ASSERT_TRUE(execute("CREATE TRIGGER full BEFORE INSERT ON outbox"
                      " BEGIN SELECT raise(ABORT, 'disk full'); END")
                  .ok());
  Pass(minutes(20));
  EXPECT_TRUE(Episodes().empty());
  ASSERT_TRUE(execute("DROP TRIGGER full").ok());
  watchdog_->RunOnce();
  EXPECT_EQ(Messages(), 1);
}

}  // namespace
}  // namespace sidecar::webhook
