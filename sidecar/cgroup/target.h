#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "sidecar/cgroup/reading.h"

namespace sidecar::cgroup {

enum class Choice { kAuto, kCgroup, kProc };

// What the sidecar was pointed at: exactly one of pid and cgroup.
struct TargetSpec {
  std::optional<int> pid;
  std::string cgroup;  // as /proc/PID/cgroup shows it, "/fraud/model-0"
  Choice choice = Choice::kAuto;
};

// Where to read. Directories are absolute; v2 has all three alike.
struct Location {
  Source source = Source::kProc;
  std::string cgroup;  // the path in its hierarchy; "" with kProc
  std::string cpu_dir;
  std::string usage_dir;   // v1 mounts cpuacct apart on some hosts
  std::string memory_dir;  // "": not mounted
};

// Finds the control group of the target. `root` is "" on a real system and the folder of a literal
// tree in tests; below it /proc and the mount points are looked up.
//
// Hierarchies are sought in the sidecar's own mounts, then in those of the target (through
// /proc/PID/root, which sees a sibling container from inside a pod). A v1 hierarchy with the cpu
// controller wins over a cgroup2 mount beside it. The root group and the sidecar's own group say
// nothing about the target alone: kAuto then takes /proc/PID/stat, kCgroup is an error. Errors:
// kNotFound no such process or group; kDenied; kInvalid for a cgroup with kProc.
base::Result<Location> Locate(const std::string& root, const TargetSpec& spec);

}  // namespace sidecar::cgroup
