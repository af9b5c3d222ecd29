#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

namespace sidecar::cgroup {

// The CPU limit of the target. Unknown (could not be read) is neither unlimited nor zero.
struct Limit {
  enum class Kind { kUnknown, kUnlimited, kCores };
  Kind kind = Kind::kUnknown;
  double cores = 0;  // above 0, only with kCores

  bool operator==(const Limit&) const = default;
};

// Where a figure comes from: the target's own control group, or /proc/PID/stat when it has none.
enum class Source { kCgroupV1, kCgroupV2, kProc };
std::string_view SourceName(Source source);

// What makes two readings comparable. Any difference starts a new epoch: no rate across it.
struct Identity {
  std::int64_t pid = 0;          // 0: pointed at a control group, not at a process
  std::uint64_t start_time = 0;  // of that process, clock ticks since boot
  std::string cgroup;
  std::uint64_t inode = 0;  // of the directory that holds the CPU usage
  Source source = Source::kProc;

  bool operator==(const Identity&) const = default;
};

// Cumulative since the target began. Absent: this kernel, hierarchy or source does not tell.
struct Counters {
  std::int64_t usage_ns = 0;
  std::optional<std::int64_t> periods;            // with a limit only
  std::optional<std::int64_t> throttled_periods;  // of those
  std::optional<std::int64_t> throttled_ns;
  std::optional<std::int64_t> pressure_ns;  // time in which some task waited for a CPU (v2)
};

struct Memory {
  std::optional<std::int64_t> working_set_bytes;  // usage without inactive file cache
  std::optional<std::int64_t> limit_bytes;        // absent while unlimited or unknown
};

struct Reading {
  base::SteadyTime at;  // the middle of the read
  Identity identity;
  Counters counters;
  Limit limit;
  Memory memory;
};

}  // namespace sidecar::cgroup
