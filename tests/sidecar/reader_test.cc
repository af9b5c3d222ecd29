#include "sidecar/cgroup/reader.h"

#include <gtest/gtest.h>

#include "tests/sidecar/machine.h"

namespace sidecar::cgroup {
namespace {

using base::ErrorCode;
using Kind = Limit::Kind;
using Machine = MachineTest;

TEST_F(Machine, ReadsV2) {
  V2();
  Reader reader = PointedAt({.pid = 7});
  const auto reading = Read(reader);
  ASSERT_TRUE(reading.ok()) << reading.error().message;
  EXPECT_EQ(reading->identity.source, Source::kCgroupV2);
  EXPECT_EQ(reading->identity.cgroup, "/pod/model");
  EXPECT_EQ(reading->identity.start_time, 5000u);
  EXPECT_EQ(reading->counters.usage_ns, 2'500'000'000);
  EXPECT_EQ(reading->counters.periods, 50);
  EXPECT_EQ(reading->counters.throttled_periods, 40);
  EXPECT_EQ(reading->counters.throttled_ns, 900'000'000);
  EXPECT_EQ(reading->counters.pressure_ns, 700'000'000);
  EXPECT_EQ(reading->limit, (Limit{Kind::kCores, 0.2}));
  EXPECT_EQ(reading->memory.working_set_bytes, 7000);
  EXPECT_EQ(reading->memory.limit_bytes, std::nullopt);
}

TEST_F(Machine, ReadsV1EvenBesideACgroup2Mount) {
  V1();
  Reader reader = PointedAt({.pid = 7});
  const auto reading = Read(reader);
  ASSERT_TRUE(reading.ok()) << reading.error().message;
  EXPECT_EQ(reading->identity.source, Source::kCgroupV1);
  EXPECT_EQ(reading->counters.usage_ns, 2'500'000'000);
  EXPECT_EQ(reading->counters.throttled_periods, 40);
  EXPECT_EQ(reading->counters.throttled_ns, 900'000'000);
  EXPECT_EQ(reading->counters.pressure_ns, std::nullopt);
  EXPECT_EQ(reading->limit, (Limit{Kind::kCores, 0.2}));
  EXPECT_EQ(reading->memory.working_set_bytes, 7000);
  EXPECT_EQ(reading->memory.limit_bytes, 1048576);
}

TEST_F(Machine, AControlGroupNeedsNoProcess) {
  V2();
  Reader reader = PointedAt({.cgroup = "/pod/model"});
  const auto reading = Read(reader);
  ASSERT_TRUE(reading.ok()) << reading.error().message;
  EXPECT_EQ(reading->counters.usage_ns, 2'500'000'000);
  EXPECT_EQ(reading->identity.pid, 0);
}

TEST_F(Machine, TheLimitIsReadEachTimeAndUnknownIsNotZero) {
  V2();
  Reader reader = PointedAt({.pid = 7});
  ASSERT_TRUE(Read(reader).ok());
  tree_.Write("sys/fs/cgroup/pod/model/cpu.max", "50000 100000\n");
  EXPECT_EQ(Read(reader)->limit, (Limit{Kind::kCores, 0.5}));
  tree_.Write("sys/fs/cgroup/pod/model/cpu.max", "max 100000\n");
  EXPECT_EQ(Read(reader)->limit, Limit{Kind::kUnlimited});
  tree_.Write("sys/fs/cgroup/pod/model/cpu.max", "");
  EXPECT_EQ(Read(reader)->limit, Limit{Kind::kUnknown});
}

TEST_F(Machine, MemoryIsReadAgainAfterAWhile) {
  V2();
  Reader reader = PointedAt({.pid = 7});
  ASSERT_EQ(Read(reader)->memory.working_set_bytes, 7000);
  tree_.Write("sys/fs/cgroup/pod/model/memory.current", "5000\n");
  clock_.Advance(Reader::kMemoryAge - base::Millis(1));
  EXPECT_EQ(Read(reader)->memory.working_set_bytes, 7000);
  clock_.Advance(base::Millis(1));
  EXPECT_EQ(Read(reader)->memory.working_set_bytes, 3000);
}

TEST_F(Machine, ADeclaredLimitCountsOnlyWhereNoneIsTold) {
  V2();
  Reader reader = PointedAt({.pid = 7}, 4.0);
  EXPECT_EQ(Read(reader)->limit, (Limit{Kind::kCores, 0.2}));
  tree_.Write("sys/fs/cgroup/pod/model/cpu.max", "max 100000\n");
  EXPECT_EQ(Read(reader)->limit, (Limit{Kind::kCores, 4.0}));
}

TEST_F(Machine, AGroupMadeAgainUnderTheSameNameIsAnother) {
  V2();
  Reader reader = PointedAt({.cgroup = "/pod/model"});
  const auto first = Read(reader)->identity;
  tree_.Write("sys/fs/cgroup/pod/other/keeps-the-inode", "");
  std::filesystem::rename(tree_.File("sys/fs/cgroup/pod/model"), tree_.File("sys/fs/cgroup/old"));
  EXPECT_TRUE(Read(reader).ok());  // the held directory is still there, under another name
  tree_.Remove("sys/fs/cgroup/old");
  EXPECT_EQ(Read(reader).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Read(reader).error().code, ErrorCode::kNotFound);
  V2();
  const auto again = Read(reader);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->identity.cgroup, first.cgroup);
}

TEST_F(Machine, ALaterProcessWithTheSameNumberIsAStranger) {
  V2();
  Reader reader = PointedAt({.pid = 7});
  ASSERT_TRUE(Read(reader).ok());
  Process(7, "0::/pod/model\n", 1, /*start=*/6000);
  EXPECT_EQ(Read(reader).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Read(reader).error().code, ErrorCode::kNotFound);
}

TEST_F(Machine, AnEndedProcessThatNobodyWaitedForIsGone) {
  V2();
  Reader reader = PointedAt({.pid = 7});
  ASSERT_TRUE(Read(reader).ok());
  Process(7, "0::/pod/model\n", 100, 5000, 'Z');
  EXPECT_EQ(Read(reader).error().code, ErrorCode::kNotFound);
}

TEST_F(Machine, AProcessThatMovesIsFoundAgainAsAnotherTarget) {
  V2();
  Reader reader = PointedAt({.pid = 7});
  ASSERT_TRUE(Read(reader).ok());
  tree_.Write("sys/fs/cgroup/elsewhere/cpu.stat", "usage_usec 5\n");
  Process(7, "0::/elsewhere\n");
  EXPECT_FALSE(Read(reader).ok());
  const auto moved = Read(reader);
  ASSERT_TRUE(moved.ok()) << moved.error().message;
  EXPECT_EQ(moved->identity.cgroup, "/elsewhere");
  EXPECT_EQ(moved->counters.usage_ns, 5000);
}

TEST_F(Machine, AProcessWithoutAGroupOfItsOwnIsReadFromProc) {
  V2();
  for (const char* group : {"0::/\n", "0::/sidecar\n"}) {
    Process(8, group, 250);
    tree_.Write("sys/fs/cgroup/sidecar/cpu.stat", "usage_usec 1\n");
    Reader reader = PointedAt({.pid = 8}, 0.5);
    const auto reading = Read(reader);
    ASSERT_TRUE(reading.ok()) << reading.error().message;
    EXPECT_EQ(reading->identity.source, Source::kProc);
    EXPECT_EQ(reading->counters.usage_ns, 250 * (1'000'000'000 / sysconf(_SC_CLK_TCK)));
    EXPECT_EQ(reading->limit, (Limit{Kind::kCores, 0.5}));
    EXPECT_EQ(reading->memory.working_set_bytes, std::nullopt);
    Reader strict = PointedAt({.pid = 8, .choice = Choice::kCgroup});
    EXPECT_EQ(Read(strict).error().code, ErrorCode::kNotFound);
  }
}

TEST_F(Machine, ASiblingContainerIsSeenThroughItsOwnRoot) {
  V2();
  tree_.Write("proc/self/cgroup", "0::/\n");
  Process(9, "0::/../model\n");
  tree_.Write("proc/9/mountinfo", "40 1 0:26 /../model /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n");
  tree_.Write("proc/9/root/sys/fs/cgroup/cpu.stat", "usage_usec 77\n");
  Reader reader = PointedAt({.pid = 9});
  const auto reading = Read(reader);
  ASSERT_TRUE(reading.ok()) << reading.error().message;
  EXPECT_EQ(reading->identity.source, Source::kCgroupV2);
  EXPECT_EQ(reading->counters.usage_ns, 77'000);
}

TEST_F(Machine, UnknownTargetsAreNamed) {
  V2();
  Reader process = PointedAt({.pid = 99});
  EXPECT_EQ(Read(process).error().message, "no process 99");
  Reader group = PointedAt({.cgroup = "/nowhere"});
  EXPECT_EQ(Read(group).error().message, "no control group /nowhere in any mounted hierarchy");
  Reader root = PointedAt({.cgroup = "/"});
  EXPECT_EQ(Read(root).error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace sidecar::cgroup
