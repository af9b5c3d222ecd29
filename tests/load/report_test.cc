#include "bench/load/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/support/temp_dir.h"

namespace load {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

Report OnePhase() {
  PhaseTally phase{.target_rps = 100, .lasted = milliseconds(2000)};
  phase.counts = {.scheduled = 200,
                  .offered = 190,
                  .sent = 189,
                  .answered = 180,
                  .timed_out = 6,
                  .failed = 3,
                  .unfinished = 1,
                  .late = 7,
                  .no_connection = 2,
                  .no_target = 1,
                  .good = 120};
  phase.codes.at(200) = 130;
  phase.codes.at(503) = 50;
  phase.from_schedule.Record(milliseconds(20));
  phase.schedule_error.Record(milliseconds(60));
  return {.result = "told",
          .arrivals = "uniform",
          .connections = "kept",
          .good_within = milliseconds(100),
          .phases = {phase},
          .alert = {.told_at = 1000}};
}

TEST(ReportJson, HasEveryFigureOfAPhase) {
  const json phase = json::parse(ReportJson(OnePhase()))["phases"][0];
  EXPECT_EQ(phase["target_rps"], 100);
  EXPECT_EQ(phase["seconds"], 2.0);
  EXPECT_EQ(phase["offered_rps"], 95.0);
  EXPECT_EQ(phase["scheduled"], 200);
  EXPECT_EQ(phase["shed"], 50);
  EXPECT_EQ(phase["served"], 130);
  EXPECT_EQ(phase["not_sent"], 10);
  EXPECT_EQ(phase["not_sent_reason"], json({{"connections", 2}, {"late", 7}, {"no_target", 1}}));
  EXPECT_EQ(phase["codes"], json({{"200", 130}, {"503", 50}}));
  EXPECT_NEAR(phase["from_schedule_ms"]["p50"].get<double>(), 20, 0.2);
  EXPECT_EQ(phase["from_schedule_ms"]["max"], 20.0);
  EXPECT_TRUE(phase["from_send_ms"]["p999"].is_null());
  EXPECT_EQ(phase["good"], 120);
  EXPECT_EQ(phase["generator_limited"], true);
}

TEST(ReportJson, HasTheWholeRun) {
  Report report = OnePhase();
  report.phases.push_back(PhaseTally{.target_rps = 5, .lasted = milliseconds(1000)});
  const json whole = json::parse(ReportJson(report));
  EXPECT_EQ(whole["result"], "told");
  EXPECT_TRUE(whole["problem"].is_null());
  EXPECT_EQ(whole["totals"]["offered"], 190);
  EXPECT_EQ(whole["totals"]["served"], 130);
  EXPECT_EQ(whole["totals"]["not_sent"], 10);
  EXPECT_EQ(whole["offered_rps_max"], 95.0);
  EXPECT_EQ(whole["generator_limited"], true);
  EXPECT_EQ(whole["alert"]["told_at"], "1970-01-01T00:00:01.000Z");
  EXPECT_TRUE(whole["alert"]["history_at"].is_null());
}

TEST(ReportTable, HasALineForEachPhaseAndSaysWhoWasTheLimit) {
  Report report = OnePhase();
  const std::string limited = ReportTable(report);
  EXPECT_NE(limited.find("the generator, not the service, was the limit in phase 1"),
            std::string::npos)
      << limited;
  report.phases.at(0) = PhaseTally{.target_rps = 5, .lasted = milliseconds(1000)};
  EXPECT_EQ(ReportTable(report).find("the limit"), std::string::npos);
}

TEST(ProgressLine, IsPerSecond) {
  PhaseTally recent = OnePhase().phases.at(0);
  EXPECT_EQ(ProgressLine(0, 4, recent, "pending"),
            "phase 1/4 100/s: offered 95/s, served 65/s, shed 25/s, timed out 6, failed 3, "
            "p99 20.0 ms, not sent 10, alert pending");
  recent.from_schedule.Clear();
  EXPECT_EQ(ProgressLine(0, 4, recent, ""),
            "phase 1/4 100/s: offered 95/s, served 65/s, shed 25/s, timed out 6, failed 3, "
            "p99 - ms, not sent 10");
}

TEST(WriteReport, IsWholeOrSaysWhyNot) {
  const support::TempDir dir;
  dir.Write("report.json", "old");
  ASSERT_TRUE(WriteReport(dir.File("report.json"), "new").ok());
  EXPECT_EQ(base::ReadFile(dir.File("report.json")).value(), "new");
  EXPECT_FALSE(WriteReport(dir.File("none/report.json"), "new").ok());
}

}  // namespace
}  // namespace load
