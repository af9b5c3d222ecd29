#include "sidecar/cgroup/sampler.h"

#include <gtest/gtest.h>

#include "sidecar/message/json_text.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace sidecar::cgroup {
namespace {

// A v2 group "/model" whose usage the test moves together with the clock.
class SamplerTest : public testing::Test {
 protected:
  SamplerTest() {
    tree_.Write("proc/self/mountinfo", "30 1 0:26 / /cg rw - cgroup2 cgroup2 rw\n");
    tree_.Write("cg/model/cpu.max", "20000 100000\n");
    metrics_.AddCollector([this](base::Sample& out) { sampler_.Collect(out); });
  }
  // `seconds` at `cores`, one tick a second.
  void Run(int seconds, double cores) {
    for (int i = 0; i < seconds; ++i) {
      clock_.Advance(std::chrono::seconds(1));
      used_us_ += cores * 1e6;
      WriteUsage();
      EXPECT_TRUE(sampler_.Measure().ok());
    }
  }
  void WriteUsage() {
    tree_.Write("cg/model/cpu.stat",
                "usage_usec " + std::to_string(static_cast<long long>(used_us_)) + "\n");
  }
  bool Exports(const std::string& part) { return metrics_.Text().find(part) != std::string::npos; }

  support::TempDir tree_;
  support::ManualClock clock_;
  base::Metrics metrics_;
  Sampler sampler_{Reader(tree_.path(), {.cgroup = "/model"}, {}), &clock_};
  double used_us_ = 0;
};

TEST_F(SamplerTest, ExportsTheShareOfTheLimit) {
  Run(20, 0.1);
  EXPECT_DOUBLE_EQ(sampler_.Evidence().utilization_15s.value(), 0.5);
  EXPECT_TRUE(Exports("fraud_model_cpu_utilization_ratio 0.5\n"));
  EXPECT_TRUE(Exports("fraud_model_cpu_limit_cores 0.2\n"));
  EXPECT_TRUE(Exports("fraud_model_cpu_usage_seconds_total 2\n"));
  EXPECT_TRUE(Exports("fraud_model_cpu_source_info{source=\"cgroup_v2\"} 1\n"));
  EXPECT_TRUE(Exports("fraud_model_target_found 1\n"));
}

TEST_F(SamplerTest, TheEvidenceSaysFromWhenToWhenItIs) {
  Run(3, 0.1);
  EXPECT_FALSE(sampler_.Evidence().covered_15s.has_value());
  Run(27, 0.1);
  const base::WallMs last = clock_.Now();
  clock_.Advance(base::Millis(400));  // since the last sample
  const CpuEvidence evidence = sampler_.Evidence();
  EXPECT_EQ(evidence.covered_15s.value().from_ms, last - 15'000);
  EXPECT_EQ(evidence.covered_15s.value().to_ms, last);
  EXPECT_EQ(evidence.covered_60s.value().from_ms, last - 29'000) << "the target is younger";
}

TEST_F(SamplerTest, ExportsNoRatioWithoutALimitOrBeforeItIsKnown) {
  Run(3, 0.1);
  EXPECT_FALSE(Exports("fraud_model_cpu_utilization_ratio"));
  Run(10, 0.1);
  EXPECT_TRUE(Exports("fraud_model_cpu_utilization_ratio"));
  tree_.Write("cg/model/cpu.max", "max 100000\n");
  Run(1, 0.1);
  EXPECT_FALSE(Exports("fraud_model_cpu_utilization_ratio"));
  EXPECT_FALSE(Exports("fraud_model_cpu_limit_cores"));
  EXPECT_NE(message::EvidenceJson(sampler_.Evidence()).find("\"unlimited\""), std::string::npos);
}

TEST_F(SamplerTest, AGoneTargetIsNotFoundAndHasNoFigures) {
  Run(20, 0.1);
  tree_.Remove("cg/model");
  EXPECT_FALSE(sampler_.Measure().ok());
  EXPECT_TRUE(Exports("fraud_model_target_found 0\n"));
  EXPECT_FALSE(Exports("fraud_model_cpu"));
  EXPECT_FALSE(sampler_.Evidence().utilization_15s.has_value());
}

TEST_F(SamplerTest, ARestartedModelGivesNoRateUntilItIsKnownAgain) {
  Run(20, 0.2);
  used_us_ = 0;
  WriteUsage();
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_TRUE(sampler_.Measure().ok());
  EXPECT_FALSE(Exports("fraud_model_cpu_utilization_ratio"));
  Run(5, 0.02);
  EXPECT_DOUBLE_EQ(sampler_.Evidence().utilization_15s.value(), 0.1);
}

}  // namespace
}  // namespace sidecar::cgroup
