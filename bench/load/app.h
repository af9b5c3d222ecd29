#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/periodic_worker.h"
#include "base/result.h"
#include "bench/load/attack.h"
#include "bench/load/follow.h"
#include "bench/load/options.h"
#include "bench/load/report.h"
#include "bench/load/target_watch.h"

namespace load {

// One run of fraud-attack: owns what it needs, in dependency order. SIGINT and SIGTERM must be
// blocked in every thread before Run.
class App {
 public:
  App(Options options, const base::Clock* clock);

  // Drives the load, prints progress and table on standard output and a problem on standard error,
  // writes the report. Returns the exit code.
  int Run();

 private:
  // Reads rows and targets. Nothing is sent when something is wrong.
  base::Status Prepare();
  base::Status Drive();
  void Judge(Ending ending);
  void ShowProgress(std::size_t phase, Nanos now);
  int Finish(const base::Status& driven);

  const Options options_;
  const base::Clock& clock_;
  TargetWatch watch_;
  std::vector<Row> rows_;
  std::vector<Target> targets_;
  Tallies tallies_;
  Follow follow_;
  Report report_;
  int signal_ = 0;
  Nanos last_progress_{0};
  const bool terminal_;
};

}  // namespace load
