#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sidecar/cgroup/reading.h"
#include "sidecar/cgroup/search.h"

namespace sidecar::cgroup {

enum class Choice { kAuto, kCgroup, kProc };

// What the sidecar was pointed at: a process, a control group, or neither. Neither: the model is
// looked for among the other containers of the pod (search.h).
struct TargetSpec {
  std::optional<int> pid;
  std::string cgroup;                     // as /proc/PID/cgroup shows it, "/fraud/model-0"
  std::optional<CommandPattern> command;  // narrows the search
  Choice choice = Choice::kAuto;
  // Of a foreign model nothing is opened that it could have made: of a process /proc/PID/stat and
  // /proc/PID/cgroup alone, as with kProc, and no command line. The kernel writes both.
  bool strict = false;
};

// Why these do not go together, by the names of their flags; "" when they do.
std::string Mistake(const TargetSpec& spec);

// Where to read. Directories are absolute; v2 has all three alike.
struct Location {
  Source source = Source::kProc;
  std::string cgroup;  // the path in its hierarchy; "" with kProc
  std::string cpu_dir;
  std::vector<std::string> cpu_parents;  // upwards, as far as they are visible: they limit it too
  std::string usage_dir;                 // v1 mounts cpuacct apart on some hosts
  std::string memory_dir;                // "": not mounted
};

// Finds the control group of process `pid` (nullopt: of spec.cgroup). `root` is "" on a real system
// and the folder of a literal tree in tests; below it /proc and the mount points are looked up.
//
// Hierarchies are sought in the sidecar's own mounts, then in those of the target (through
// /proc/PID/root, which sees a sibling container from inside a pod). A v1 hierarchy with the cpu
// controller wins over a cgroup2 mount beside it. The root group and the sidecar's own group say
// nothing about the target alone: kAuto then takes /proc/PID/stat, as it does where access is
// refused; kCgroup is an error. Errors: kNotFound no such process or group; kDenied; kInvalid for a
// Mistake.
base::Result<Location> Locate(const std::string& root, const TargetSpec& spec,
                              std::optional<int> pid);

}  // namespace sidecar::cgroup
