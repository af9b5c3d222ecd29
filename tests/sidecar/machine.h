#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sidecar/cgroup/reader.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace sidecar::cgroup {

// A machine as files: /proc and the control group mounts below a folder.
class MachineTest : public testing::Test {
 protected:
  // The files as that process sees them.
  static std::string SeenThrough(int pid) { return "proc/" + std::to_string(pid) + "/root"; }
  void Process(int pid, const std::string& groups, int ticks = 100, int start = 5000,
               char state = 'S', const std::string& command = "serve") {
    const std::string proc = "proc/" + std::to_string(pid) + "/";
    tree_.Write(proc + "cmdline", command);
    tree_.Write(proc + "cgroup", groups);
    tree_.Write(proc + "stat", std::to_string(pid) + " (model) " + state +
                                   " 1 1 1 0 -1 0 0 0 0 0 " + std::to_string(ticks) +
                                   " 0 0 0 20 0 1 0 " + std::to_string(start) + " 0 0");
  }
  void V2() {
    tree_.Write("proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    tree_.Write("proc/self/cgroup", "0::/sidecar\n");
    Process(7, "0::/pod/model\n");
    const std::string group = "sys/fs/cgroup/pod/model/";
    tree_.Write(group + "cpu.stat",
                "usage_usec 2500000\nnr_periods 50\nnr_throttled 40\nthrottled_usec 900000\n");
    tree_.Write(group + "cpu.max", "20000 100000\n");
    tree_.Write(group + "cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=700000\n");
    tree_.Write(group + "memory.current", "9000\n");
    tree_.Write(group + "memory.stat", "anon 1\ninactive_file 2000\n");
    tree_.Write(group + "memory.max", "max\n");
  }
  // cpu and cpuacct mounted apart, and a cgroup2 mount beside them, as hybrid hosts do.
  void V1() {
    tree_.Write("proc/self/mountinfo",
                "30 1 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
                "31 1 0:27 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct\n"
                "32 1 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                "33 1 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
    tree_.Write("proc/self/cgroup", "3:memory:/\n2:cpuacct:/\n1:cpu:/\n0::/\n");
    Process(7, "3:memory:/model\n2:cpuacct:/model\n1:cpu:/model\n0::/model\n");
    tree_.Write("sys/fs/cgroup/unified/model/cpu.stat", "usage_usec 1\n");
    tree_.Write("sys/fs/cgroup/cpuacct/model/cpuacct.usage", "2500000000\n");
    tree_.Write("sys/fs/cgroup/cpu/model/cpu.stat",
                "nr_periods 50\nnr_throttled 40\nthrottled_time 900000000\n");
    tree_.Write("sys/fs/cgroup/cpu/model/cpu.cfs_quota_us", "20000\n");
    tree_.Write("sys/fs/cgroup/cpu/model/cpu.cfs_period_us", "100000\n");
    tree_.Write("sys/fs/cgroup/memory/model/memory.usage_in_bytes", "9000\n");
    tree_.Write("sys/fs/cgroup/memory/model/memory.stat", "total_inactive_file 2000\n");
    tree_.Write("sys/fs/cgroup/memory/model/memory.limit_in_bytes", "1048576\n");
  }
  // A pod as its sidecar sees it in control group and mount namespaces of its own: a pause
  // container as PID 1, itself, and the model (process 20, and a child) with the group that
  // `inside` fills.
  void Pod() {
    tree_.Write("proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n");
    tree_.Write("proc/self/cgroup", "0::/\n");
    Process(1, "0::/../pause\n", 1, 1000, 'S', "/pause");
    Process(7, "0::/\n", 1, 1001, 'S', "fraud-sidecar");
    ModelContainer(20, 2000, "2500000");
    Process(21, "0::/../model\n", 5, 2500, 'S', Words({"fraud-model", "--child"}));
  }
  void ModelContainer(int pid, int start, const std::string& usage_us) {
    const std::string proc = "proc/" + std::to_string(pid) + "/";
    Process(pid, "0::/../model\n", 300, start, 'S', Words({"fraud-model", "--port", "8080"}));
    tree_.Write(proc + "mountinfo", "40 1 0:26 /../model /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n");
    tree_.Write(proc + "root/sys/fs/cgroup/cpu.stat", "usage_usec " + usage_us + "\n");
    tree_.Write(proc + "root/sys/fs/cgroup/cpu.max", "20000 100000\n");
  }
  // As /proc/PID/cmdline holds it.
  static std::string Words(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) line += word + '\0';
    return line;
  }
  // As at the end of a container: its directory is still held, but nothing in it opens any more.
  // The directory stays under another name, so that its inode is not given again.
  void GroupEnds(const std::string& directory) {
    tree_.Remove(directory + "/cpu.stat");
    std::filesystem::rename(tree_.File(directory), tree_.File("gone-" + std::to_string(++gone_)));
  }
  Reader PointedAt(const TargetSpec& spec, std::optional<double> declared = {}) {
    return {tree_.path(), spec, declared};
  }
  base::Result<Reading> Read(Reader& reader) { return reader.Read(clock_); }

  support::TempDir tree_;
  support::ManualClock clock_;
  int gone_ = 0;
};

}  // namespace sidecar::cgroup
