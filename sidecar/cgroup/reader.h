#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "sidecar/cgroup/reading.h"
#include "sidecar/cgroup/target.h"

namespace sidecar::cgroup {

// Reads one target. Holds its directories open: a control group that is removed and made again
// under the same name is another one (a held directory then gives ENOENT or ENODEV).
// Not thread-safe; the Sampler owns it.
class Reader {
 public:
  // `root` as in Locate. With a pid, the first process found under it stays the target: a later
  // process with the same number is a stranger.
  Reader(std::string root, TargetSpec spec, std::optional<double> declared_limit_cores);

  // One reading, finding the target first when it is not held. The limit is read each time (it can
  // be resized in place); a declared one counts where the source tells none.
  // After an Error nothing is held and the next call looks again. kNotFound: gone.
  base::Result<Reading> Read(const base::Clock& clock);

 private:
  struct Held {
    Location location;
    Identity identity;
    std::string proc_cgroup;  // /proc/PID/cgroup when it was located
    base::Fd cpu, usage, memory;
  };

  [[nodiscard]] std::string Proc(const char* file) const;
  base::Result<Held> Hold() const;
  base::Status CheckProcess(Held* held);
  static base::Result<Counters> ReadCounters(const Held& held);
  static Limit ReadLimit(const Held& held);
  static Memory ReadMemory(const Held& held);

  const std::string root_;
  const TargetSpec spec_;
  const std::optional<double> declared_limit_cores_;
  std::optional<std::uint64_t> first_start_time_;
  std::uint64_t proc_ticks_ = 0;
  std::optional<Held> held_;
};

}  // namespace sidecar::cgroup
