#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/cgroup/reading.h"

// The texts of /proc and of control groups, as pure functions. A file that does not look as the
// kernel documents it gives nullopt (or leaves the field absent), never 0.
// Formats: Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/{cpuacct,memory}.rst, proc(5).
namespace sidecar::cgroup {

// A non-negative whole number with surrounding white space: cpuacct.usage, memory.current.
std::optional<std::int64_t> ParseNumber(std::string_view text);
// The same, with a leading minus sign: cpu.cfs_quota_us.
std::optional<std::int64_t> ParseSigned(std::string_view text);

// "key value" lines: cpu.stat, memory.stat. Looked up by key, as new kernels insert lines.
std::optional<std::int64_t> FindKey(std::string_view text, std::string_view key);

// v2 cpu.max, "max 100000" or "20000 100000".
Limit ParseCpuMax(std::string_view text);
// v1 cpu.cfs_quota_us (-1: unlimited) and cpu.cfs_period_us.
Limit ParseCfs(std::string_view quota, std::string_view period);

// v2 cpu.pressure: `total` of the "some" line, in microseconds.
std::optional<std::int64_t> ParsePressureTotal(std::string_view text);

// v2 memory.max ("max": nullopt) or v1 memory.limit_in_bytes (a value near 2^63: nullopt).
std::optional<std::int64_t> ParseMemoryLimit(std::string_view text);

// /proc/PID/stat. The command may hold spaces and parentheses.
struct ProcStat {
  std::uint64_t cpu_ticks = 0;   // utime + stime of all its threads
  std::uint64_t start_time = 0;  // clock ticks since boot
  char state = '?';
  std::string name;  // of the program, as the kernel cuts it

  // Ended, and perhaps not yet waited for.
  [[nodiscard]] bool Ended() const { return state == 'Z' || state == 'X'; }
};
std::optional<ProcStat> ParseProcStat(std::string_view text);

// /proc/PID/cgroup: the path in each v1 hierarchy by controller, and under "" the v2 path.
using GroupPaths = std::map<std::string, std::string>;
GroupPaths ParseProcCgroup(std::string_view text);
// The path in which CPU is counted: v1's where a v1 hierarchy has the cpu controller, else v2's; ""
// when there is none.
std::string CpuGroup(const GroupPaths& paths);

// The mounts of control groups in /proc/PID/mountinfo, in their order.
struct CgroupMount {
  std::string root;         // which part of the hierarchy is mounted, seen from the reader
  std::string mount_point;  // octal escapes resolved
  bool v2 = false;
  std::vector<std::string> controllers;  // v1 only
};
std::vector<CgroupMount> ParseMountInfo(std::string_view text);

// `path` seen below `mount`: "/a/b" below root "/a" is "/b". nullopt when it lies elsewhere, or
// when ".." would lead out of the mount.
std::optional<std::string> BelowMount(const CgroupMount& mount, const std::string& path);

}  // namespace sidecar::cgroup
