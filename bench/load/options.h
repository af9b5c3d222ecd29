#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "bench/load/rows.h"
#include "bench/load/schedule.h"

namespace load {

// Where the alert is followed; empty: not there.
struct FollowOptions {
  std::string prometheus;  // base URLs
  std::string alertmanager;
  std::string history;
  std::string history_token_file;
  std::string alert = "FraudModelMaxedOutHighCPU";
};

// Everything a run of fraud-attack is told. `--help` describes each.
struct Options {
  std::vector<std::string> targets;  // HOST:PORT
  std::string targets_file;
  std::string rows_file = "bench/load/rows.ndjson";
  std::optional<Mix> mix;
  bool features = false;
  std::uint64_t seed = 0;
  std::vector<Phase> phases;  // doubling included
  Arrivals arrivals = Arrivals::kUniform;
  bool keep = true;
  int connections_max = 1024;
  base::Millis timeout{2000};
  base::Millis good_within{100};
  base::Millis longest{15 * 60'000};
  base::Millis progress_interval{1000};
  std::string json_file;
  FollowOptions follow;
};

// nullopt: --help or --version was printed. kInvalid: all mistakes, one a line, each naming its
// flag.
base::Result<std::optional<Options>> ParseOptions(int argc, const char* const* argv);

}  // namespace load
