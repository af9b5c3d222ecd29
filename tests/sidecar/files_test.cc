#include "sidecar/cgroup/files.h"

#include <gtest/gtest.h>

namespace sidecar::cgroup {
namespace {

using Kind = Limit::Kind;

TEST(ParseNumber, TakesAWholeNumberOnly) {
  EXPECT_EQ(ParseNumber("42\n"), 42);
  EXPECT_EQ(ParseNumber(" 0 "), 0);
  for (const char* bad : {"", "\n", "-1", "1.5", "max", "12 13", "99999999999999999999"}) {
    EXPECT_EQ(ParseNumber(bad), std::nullopt) << bad;
  }
}

TEST(FindKey, FindsAmongLinesThatNewKernelsInsert) {
  const char* text = "usage_usec 12\nnew_line 7\nnr_periods 3\nnr_throttled 2\n";
  EXPECT_EQ(FindKey(text, "nr_throttled"), 2);
  EXPECT_EQ(FindKey(text, "nr_throt"), std::nullopt);
  EXPECT_EQ(FindKey("nr_periods\n", "nr_periods"), std::nullopt);
}

TEST(ParseCpuMax, IsThreeState) {
  EXPECT_EQ(ParseCpuMax("20000 100000\n"), (Limit{Kind::kCores, 0.2}));
  EXPECT_EQ(ParseCpuMax("max 100000\n"), Limit{Kind::kUnlimited});
  for (const char* bad : {"", "20000", "20000 0", "0 100000", "x 100000", "-1 100000"}) {
    EXPECT_EQ(ParseCpuMax(bad), Limit{Kind::kUnknown}) << bad;
  }
}

TEST(ParseCfs, IsThreeState) {
  EXPECT_EQ(ParseCfs("150000\n", "100000\n"), (Limit{Kind::kCores, 1.5}));
  EXPECT_EQ(ParseCfs("-1\n", "100000\n"), Limit{Kind::kUnlimited});
  EXPECT_EQ(ParseCfs("", ""), Limit{Kind::kUnknown});
  EXPECT_EQ(ParseCfs("20000", ""), Limit{Kind::kUnknown});
}

TEST(ParsePressureTotal, TakesTotalOfSome) {
  EXPECT_EQ(ParsePressureTotal("some avg10=0.00 avg60=1.00 avg300=0.00 total=1234\n"
                               "full avg10=0.00 avg60=0.00 avg300=0.00 total=99\n"),
            1234);
  EXPECT_EQ(ParsePressureTotal("full avg10=0.00 total=99\n"), std::nullopt);
}

TEST(ParseMemoryLimit, KnowsBothWordsForUnlimited) {
  EXPECT_EQ(ParseMemoryLimit("1048576\n"), 1048576);
  EXPECT_EQ(ParseMemoryLimit("max\n"), std::nullopt);
  EXPECT_EQ(ParseMemoryLimit("9223372036854771712\n"), std::nullopt);
}

TEST(ParseProcStat, SurvivesAnyCommandName) {
  const char* text =
      "42 (a) S (b) R 1 42 42 0 -1 4194560 1 2 3 4 100 50 0 0 20 0 1 0 987654 1000 10 0";
  const auto stat = ParseProcStat(text);
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->cpu_ticks, 150u);
  EXPECT_EQ(stat->start_time, 987654u);
  EXPECT_EQ(stat->state, 'R');
  EXPECT_EQ(stat->name, "a) S (b");
  EXPECT_FALSE(ParseProcStat("42 (a) R 1 2 3").has_value());
  EXPECT_FALSE(ParseProcStat("").has_value());
}

TEST(ParseProcCgroup, GivesAPathPerController) {
  const auto paths = ParseProcCgroup("9:name=systemd:/\n2:cpu,cpuacct:/pods/a:b\n0::/unified\n");
  EXPECT_EQ(paths.at("cpu"), "/pods/a:b");
  EXPECT_EQ(paths.at("cpuacct"), "/pods/a:b");
  EXPECT_EQ(paths.at(""), "/unified");
  EXPECT_EQ(paths.count("memory"), 0u);
}

TEST(CpuGroup, IsV1sWhereV1HasTheController) {
  EXPECT_EQ(CpuGroup(ParseProcCgroup("2:cpu,cpuacct:/a\n0::/b\n")), "/a");
  EXPECT_EQ(CpuGroup(ParseProcCgroup("2:memory:/a\n0::/b\n")), "/b");
  EXPECT_EQ(CpuGroup(ParseProcCgroup("2:memory:/a\n")), "");
}

TEST(ParseMountInfo, TakesControlGroupsOnly) {
  const auto mounts = ParseMountInfo(
      "24 1 0:5 / /proc rw - proc proc rw\n"
      "31 24 0:28 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n"
      "33 24 0:30 /pod /sys/fs/with\\040space rw - cgroup2 cgroup2 rw\n"
      "34 24 0:31 / relative rw - cgroup2 cgroup2 rw\n"
      "broken line\n");
  ASSERT_EQ(mounts.size(), 2u);
  EXPECT_FALSE(mounts[0].v2);
  EXPECT_EQ(mounts[0].controllers, (std::vector<std::string>{"rw", "cpu", "cpuacct"}));
  EXPECT_TRUE(mounts[1].v2);
  EXPECT_EQ(mounts[1].mount_point, "/sys/fs/with space");
  EXPECT_EQ(mounts[1].root, "/pod");
}

TEST(BelowMount, NeverLeavesTheMount) {
  const CgroupMount whole{.root = "/"};
  const CgroupMount pod{.root = "/pod"};
  const CgroupMount sibling{.root = "/../other"};
  EXPECT_EQ(BelowMount(whole, "/a/b"), "/a/b");
  EXPECT_EQ(BelowMount(whole, "/"), "");
  EXPECT_EQ(BelowMount(pod, "/pod/a"), "/a");
  EXPECT_EQ(BelowMount(pod, "/pod"), "");
  EXPECT_EQ(BelowMount(pod, "/podium"), std::nullopt);
  EXPECT_EQ(BelowMount(whole, "/../other"), std::nullopt);
  EXPECT_EQ(BelowMount(sibling, "/../other"), "");
}

}  // namespace
}  // namespace sidecar::cgroup
