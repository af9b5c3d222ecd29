#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "sidecar/cgroup/reader.h"
#include "sidecar/cgroup/window.h"

namespace sidecar::cgroup {

// The CPU of the target at one moment, as it is kept with a transition and put into a message.
// Absent: unknown.
struct CpuEvidence {
  base::WallMs at_ms = 0;
  bool target_found = false;
  Source source = Source::kProc;
  Limit limit;
  std::optional<double> utilization_15s;  // of the limit
  std::optional<double> utilization_60s;
  std::optional<double> used_cores_15s;
  std::optional<double> throttled_60s;
  std::optional<double> pressure_60s;
  Memory memory;
  // What the means of each span are really of: less than it while the target is new.
  struct Covered {
    base::WallMs from_ms = 0;
    base::WallMs to_ms = 0;
  };
  std::optional<Covered> covered_15s;
  std::optional<Covered> covered_60s;

  // Its tasks waited for a CPU much of the last minute although no limit of its own throttled them:
  // the node is full, or a limit above it holds (a pod's, which its container cannot see). Its
  // utilization may then look harmless. false also while that is unknown.
  [[nodiscard]] bool HeldBackFromOutside() const;
  static constexpr double kMuchPressure = 0.2;
  static constexpr double kLittleThrottling = 0.01;
};

// Measures the target at each Tick and exports design.md 3.1's metrics. Measure and Tick are called
// by one thread at a time; Evidence and Collect by any.
class Sampler {
 public:
  Sampler(Reader reader, const base::Clock* clock) : reader_(std::move(reader)), clock_(clock) {}

  // One reading. The Error says why there is none.
  base::Status Measure();
  // Measure, and a log line when the target was found, lost, or lost for another reason.
  void Tick();
  [[nodiscard]] CpuEvidence Evidence() const;
  // fraud_model_* : counters of the epoch and the gauges that are known. Nothing but
  // target_found 0 while the target is gone.
  void Collect(base::Sample& out) const;

 private:
  Reader reader_;
  const base::Clock* clock_;
  std::string last_problem_ = "not looked yet";
  mutable std::mutex mutex_;
  bool found_ = false;
  Window window_;
};

}  // namespace sidecar::cgroup
