#include <gtest/gtest.h>

#include "sidecar/cgroup/sampler.h"
#include "tests/sidecar/machine.h"

// What makes two readings comparable: pid, start time, path, inode. Whatever changes, no rate spans
// the change: neither a negative one nor one between two strangers' counters.
namespace sidecar::cgroup {
namespace {

class Epochs : public MachineTest {
 protected:
  // Ten seconds at 0.1 core of a limit of 0.2, in the group's file `cpu_stat`.
  void Run(Sampler& sampler, const std::string& cpu_stat) {
    for (int i = 0; i < 10; ++i) {
      clock_.Advance(std::chrono::seconds(1));
      used_us_ += 100'000;
      tree_.Write(cpu_stat, "usage_usec " + std::to_string(used_us_) + "\n");
      ASSERT_TRUE(sampler.Measure().ok());
    }
  }
  void ExpectHalf(const Sampler& sampler) {
    ASSERT_TRUE(sampler.Evidence().utilization_15s.has_value());
    EXPECT_NEAR(*sampler.Evidence().utilization_15s, 0.5, 1e-9);
  }
  // A second after the change: found, but no rate.
  void ExpectNewEpoch(Sampler& sampler) {
    clock_.Advance(std::chrono::seconds(1));
    const auto measured = sampler.Measure();
    ASSERT_TRUE(measured.ok()) << measured.error().message;
    EXPECT_TRUE(sampler.Evidence().target_found);
    EXPECT_FALSE(sampler.Evidence().utilization_15s.has_value());
    EXPECT_FALSE(sampler.Evidence().utilization_60s.has_value());
    EXPECT_FALSE(sampler.Evidence().used_cores_15s.has_value());
  }
  void Lose(Sampler& sampler) {
    clock_.Advance(std::chrono::seconds(1));
    EXPECT_EQ(sampler.Measure().error().code, base::ErrorCode::kNotFound);
    EXPECT_FALSE(sampler.Evidence().utilization_15s.has_value());
  }

  const std::string group_ = "sys/fs/cgroup/pod/model";
  const std::string cpu_stat_ = group_ + "/cpu.stat";
  std::int64_t used_us_ = 2'500'000;
};

// The new group has used more than the old one: the counter alone would not tell.
TEST_F(Epochs, TheSamePathWithAnotherInode) {
  V2();
  Sampler sampler(PointedAt({.cgroup = "/pod/model"}), &clock_);
  Run(sampler, cpu_stat_);
  ExpectHalf(sampler);
  GroupEnds(group_);
  V2();
  used_us_ = 900'000'000;
  tree_.Write(cpu_stat_, "usage_usec 900000000\n");
  Lose(sampler);
  ExpectNewEpoch(sampler);
  Run(sampler, cpu_stat_);
  ExpectHalf(sampler);
}

TEST_F(Epochs, ARestartedContainer) {
  Pod();
  Sampler sampler(PointedAt({}), &clock_);
  const std::string old_file = SeenThrough(20) + "/sys/fs/cgroup/cpu.stat";
  Run(sampler, old_file);
  ExpectHalf(sampler);
  tree_.Remove("proc/20");
  tree_.Remove("proc/21");
  Lose(sampler);
  ModelContainer(40, 9000, "900000000");
  ExpectNewEpoch(sampler);
  used_us_ = 900'000'000;
  Run(sampler, SeenThrough(40) + "/sys/fs/cgroup/cpu.stat");
  ExpectHalf(sampler);
}

// Found again under the same number and path, and the very same directory.
TEST_F(Epochs, AProcessNumberThatIsGivenAgain) {
  Pod();
  Sampler sampler(PointedAt({}), &clock_);
  const std::string file = SeenThrough(20) + "/sys/fs/cgroup/cpu.stat";
  Run(sampler, file);
  tree_.Remove("proc/21");
  ModelContainer(20, 9000, "900000000");
  Lose(sampler);
  ExpectNewEpoch(sampler);
  used_us_ = 900'000'000;
  Run(sampler, file);
  ExpectHalf(sampler);
}

TEST_F(Epochs, AnotherSourceOfTheSameProcess) {
  Pod();
  tree_.Remove("proc/20/root");
  Sampler sampler(PointedAt({}, 0.5), &clock_);
  for (int i = 0; i < 59; ++i) {
    ASSERT_TRUE(sampler.Measure().ok());
    clock_.Advance(std::chrono::seconds(1));
  }
  EXPECT_EQ(sampler.Evidence().source, Source::kProc);
  EXPECT_EQ(sampler.Evidence().utilization_15s, 0.0);
  ModelContainer(20, 2000, "900000000");
  ExpectNewEpoch(sampler);
  EXPECT_EQ(sampler.Evidence().source, Source::kCgroupV2);
}

TEST_F(Epochs, AResizeShowsAtTheNextSample) {
  V2();
  Sampler sampler(PointedAt({.pid = 7}), &clock_);
  Run(sampler, cpu_stat_);
  ExpectHalf(sampler);
  tree_.Write(group_ + "/cpu.max", "50000 100000\n");
  clock_.Advance(std::chrono::seconds(1));
  used_us_ += 100'000;
  tree_.Write(cpu_stat_, "usage_usec " + std::to_string(used_us_) + "\n");
  ASSERT_TRUE(sampler.Measure().ok());
  EXPECT_NEAR(sampler.Evidence().utilization_15s.value(), 0.2, 1e-9);
}

// A pod's limit from inside one of its containers: nothing to see of it but that tasks wait.
TEST_F(Epochs, PressureWithoutThrottlingIsHeldBackFromOutside) {
  V2();
  tree_.Write(group_ + "/cpu.max", "max 100000\n");
  Sampler sampler(PointedAt({.pid = 7}), &clock_);
  const auto run = [&](int waiting_ms, int throttled) {
    for (int i = 1; i <= 61; ++i) {
      const auto number = [i](int each) { return std::to_string(i * each); };
      tree_.Write(cpu_stat_, "usage_usec 1\nnr_periods " + number(10) + "\nnr_throttled " +
                                 number(throttled) + "\n");
      tree_.Write(group_ + "/cpu.pressure", "some avg10=0.00 total=" + number(waiting_ms * 1000));
      clock_.Advance(std::chrono::seconds(1));
      ASSERT_TRUE(sampler.Measure().ok());
    }
  };
  run(/*waiting_ms=*/820, /*throttled=*/0);
  EXPECT_NEAR(sampler.Evidence().pressure_60s.value(), 0.82, 1e-9);
  EXPECT_TRUE(sampler.Evidence().HeldBackFromOutside());
  run(820, /*throttled=*/8);
  EXPECT_FALSE(sampler.Evidence().HeldBackFromOutside());
  run(/*waiting_ms=*/50, 0);
  EXPECT_FALSE(sampler.Evidence().HeldBackFromOutside());
}

}  // namespace
}  // namespace sidecar::cgroup
