#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "sidecar/cgroup/reading.h"
#include "sidecar/cgroup/target.h"

namespace sidecar::cgroup {

// Reads one target. Holds its directory and files open: a control group that is removed and made
// again under the same name is another one (a held directory then gives ENOENT or ENODEV). Not
// thread-safe; the Sampler owns it.
class Reader {
 public:
  // `root` as in Locate. With a pid, the first process found under it stays the target: a later
  // process with the same number is a stranger. A target that is searched for is searched for again
  // when it is gone.
  Reader(std::string root, TargetSpec spec, std::optional<double> declared_limit_cores);

  // One reading, finding the target first when it is not held. The limit is read each time (it can
  // be resized in place), and is the smallest of its own and those above it that are visible; a
  // declared one counts where the source tells none.
  // Memory is at most kMemoryAge old: the kernel sums memory.stat up at each read, which costs more
  // than all the rest.
  // After an Error nothing is held and the next call looks again. kNotFound: gone.
  base::Result<Reading> Read(const base::Clock& clock);
  static constexpr base::Millis kMemoryAge{5'000};
  // A process that had no control group of its own when it was found (a container that was still
  // being made) may have one now.
  static constexpr base::Millis kLookAgain{60'000};

 private:
  // The files that hold one CPU limit; v2 has no period file. Not valid: not there.
  struct LimitFiles {
    base::Fd limit, period;
  };
  // Files are held open and read again, one system call each; a v1 or v2 file that is not there is
  // not valid. Only the usage is opened by name each time: that shows when the group is gone.
  struct Held {
    std::optional<int> pid;
    Location location;
    Identity identity;
    base::SteadyTime looked_at;
    std::string proc_cgroup;  // /proc/PID/cgroup when it was located
    base::Fd proc_stat_file, proc_cgroup_file;
    base::Fd usage_dir, cpu_stat, cpu_pressure;
    std::vector<LimitFiles> limits;  // its own, then upwards
    base::Fd memory_usage, memory_stat, memory_limit;
    std::optional<base::SteadyTime> memory_at;
    Memory memory_then;
  };

  [[nodiscard]] std::string Proc(int pid, const char* file) const;
  base::Result<Held> Hold(base::SteadyTime now) const;
  base::Status HoldProcess(Held* held) const;
  static LimitFiles OpenLimit(const base::Fd& directory, bool v1);
  static base::Status HoldGroup(Held* held);
  base::Result<std::int64_t> CheckProcess(const Held& held) const;
  static base::Result<Counters> ReadCounters(const Held& held);
  base::Status Measure(const base::Clock& clock, Reading* reading);
  bool WorthAnotherLook(base::SteadyTime now);
  static Limit ReadLimit(const Held& held);
  static Memory ReadMemory(Held* held, base::SteadyTime now);

  const std::string root_;
  const TargetSpec spec_;
  const std::optional<double> declared_limit_cores_;
  std::optional<std::uint64_t> first_start_time_;
  std::optional<Held> held_;
};

}  // namespace sidecar::cgroup
