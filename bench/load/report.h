#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "bench/load/follow.h"
#include "bench/load/tally.h"

namespace load {

// The outcome of a run. "done": every phase was driven. "told" / "not_told": whether the
// administrator was, when that was waited for. "stopped": by a signal. "failed": nothing that the
// figures say can be used.
struct Report {
  std::string result;
  std::string problem;  // "": none
  std::string arrivals;
  std::string connections;
  Nanos good_within{0};
  std::vector<PhaseTally> phases;  // only those that began
  AlertTimes alert;
};

// Offered per second over the whole phase.
double OfferedRps(const PhaseTally& phase);

// One object; times in ms, null where there is no sample. bench/load/report.cc is its one
// description.
std::string ReportJson(const Report& report);

// A line for each phase, and the sentence that the generator was the limit where it was.
std::string ReportTable(const Report& report);

// Whole or not at all: written beside `path` and renamed.
base::Status WriteReport(const std::string& path, const std::string& text);

// One line without its end: what happened in `recent`, which lasted so long.
std::string ProgressLine(std::size_t phase, std::size_t phases, const PhaseTally& recent,
                         const std::string& alert);

}  // namespace load
