#include "sidecar/cgroup/target.h"

#include <gtest/gtest.h>

#include "tests/sidecar/machine.h"

namespace sidecar::cgroup {
namespace {

using base::ErrorCode;
using Kind = Limit::Kind;
using Target = MachineTest;

TEST(Mistake, NamesTheFlagsThatDoNotGoTogether) {
  const auto pattern = *CommandPattern::Parse("x");
  EXPECT_EQ(Mistake({}), "");
  EXPECT_EQ(Mistake({.pid = 7}), "");
  EXPECT_EQ(Mistake({.pid = 7, .strict = true}), "");
  EXPECT_EQ(Mistake({.command = pattern}), "");
  const std::pair<TargetSpec, std::string> wrong[] = {
      {{.pid = 7, .cgroup = "/a"}, "--target-pid"},
      {{.pid = 7, .command = pattern}, "--target-command"},
      {{.cgroup = "/a", .command = pattern}, "--target-command"},
      {{.cgroup = "/a", .choice = Choice::kProc}, "--cpu-source"},
      {{.cgroup = "/a", .strict = true}, "--isolation"},
      {{.pid = 7, .choice = Choice::kCgroup, .strict = true}, "--isolation"},
      {{.command = pattern, .strict = true}, "--isolation"}};
  for (const auto& [spec, flag] : wrong) {
    EXPECT_EQ(Mistake(spec).substr(0, flag.size()), flag);
    EXPECT_EQ(Locate("/nowhere", spec, spec.pid).error().code, ErrorCode::kInvalid) << flag;
  }
}

TEST_F(Target, TheSmallestLimitThatIsVisibleHolds) {
  V2();
  tree_.Write("sys/fs/cgroup/pod/cpu.max", "50000 100000\n");
  Reader reader = PointedAt({.pid = 7});
  EXPECT_EQ(Read(reader)->limit, (Limit{Kind::kCores, 0.2}));
  tree_.Write("sys/fs/cgroup/pod/cpu.max", "10000 100000\n");
  EXPECT_EQ(Read(reader)->limit, (Limit{Kind::kCores, 0.1}));
  tree_.Write("sys/fs/cgroup/pod/model/cpu.max", "max 100000\n");
  EXPECT_EQ(Read(reader)->limit, (Limit{Kind::kCores, 0.1}));
  tree_.Write("sys/fs/cgroup/pod/cpu.max", "max 100000\n");
  EXPECT_EQ(Read(reader)->limit, Limit{Kind::kUnlimited});
}

TEST_F(Target, AnUnreadableLimitAboveMakesItUnknown) {
  V2();
  tree_.Write("sys/fs/cgroup/pod/cpu.max", "?\n");
  Reader reader = PointedAt({.pid = 7});
  EXPECT_EQ(Read(reader)->limit, Limit{Kind::kUnknown});
}

TEST_F(Target, AGroupWithoutTheControllerHasTheLimitAboveIt) {
  V2();
  tree_.Remove("sys/fs/cgroup/pod/model/cpu.max");
  tree_.Write("sys/fs/cgroup/pod/cpu.max", "30000 100000\n");
  Reader reader = PointedAt({.pid = 7});
  EXPECT_EQ(Read(reader)->limit, (Limit{Kind::kCores, 0.3}));
  tree_.Remove("sys/fs/cgroup/pod/cpu.max");
  Reader none = PointedAt({.pid = 7});
  EXPECT_EQ(Read(none)->limit, Limit{Kind::kUnknown});
}

TEST_F(Target, TheLimitAboveCountsOnV1Too) {
  V1();
  tree_.Write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  tree_.Write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  Reader reader = PointedAt({.pid = 7});
  EXPECT_EQ(Read(reader)->limit, (Limit{Kind::kCores, 0.2}));
  tree_.Write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "5000\n");
  EXPECT_EQ(Read(reader)->limit, (Limit{Kind::kCores, 0.05}));
}

// As where its uid is another: what is below /proc/PID/root does not open.
TEST_F(Target, WithoutAccessToItsMountsProcIsRead) {
  Pod();
  tree_.Remove("proc/20/root");
  Reader reader = PointedAt({}, 0.5);
  const auto reading = Read(reader);
  ASSERT_TRUE(reading.ok()) << reading.error().message;
  EXPECT_EQ(reading->identity.source, Source::kProc);
  EXPECT_EQ(reading->limit, (Limit{Kind::kCores, 0.5}));
  Reader strict = PointedAt({.choice = Choice::kCgroup});
  EXPECT_EQ(Read(strict).error().message, "process 20 has no readable control group of its own");
}

TEST_F(Target, AGroupThatComesLateIsTakenUp) {
  Pod();
  tree_.Remove("proc/20/root");
  Reader reader = PointedAt({});
  ASSERT_EQ(Read(reader)->identity.source, Source::kProc);
  ModelContainer(20, 2000, "9");
  EXPECT_EQ(Read(reader)->identity.source, Source::kProc);
  clock_.Advance(Reader::kLookAgain);
  EXPECT_EQ(Read(reader)->identity.source, Source::kCgroupV2);
}

}  // namespace
}  // namespace sidecar::cgroup
