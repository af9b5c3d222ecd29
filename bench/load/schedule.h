#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "bench/load/histogram.h"
#include "bench/load/random.h"

// When each request is due: fixed before the first one is sent, whatever the answers do. That is
// what "open loop" means, and why a slow service cannot hide behind a slower generator.
namespace load {

struct Phase {
  int target_rps = 0;  // requests per second, 1 to kRateMax
  base::Millis duration{0};
};
constexpr int kRateMax = 1'000'000;
constexpr std::size_t kPhasesMax = 64;

// "50,200:10s": each RATE or RATE:DURATION (100 ms to 24 h). kInvalid: what is wrong with which
// part.
base::Result<std::vector<Phase>> ParsePhases(const std::string& text, base::Millis duration);

// Adds phases of `duration` behind the last, each at twice the rate of the one before, while the
// rate does not pass `rate_max`.
void AddDoubling(int rate_max, base::Millis duration, std::vector<Phase>* phases);

enum class Arrivals {
  kUniform,  // request n of a phase is due at n / rate
  kPoisson,  // gaps are exponential with the mean 1 / rate, as of many independent callers
};

struct Due {
  Nanos at{0};  // since the start of the run
  std::size_t phase = 0;
};

// The due times of all phases, one after the other. Not thread-safe.
class Schedule {
 public:
  // `phases` is not empty. With `endless` the last phase has no end.
  Schedule(std::vector<Phase> phases, Arrivals arrivals, Random random, bool endless);

  // The request that is due next; nullopt behind the last one.
  [[nodiscard]] const std::optional<Due>& Next() const { return next_; }
  void Advance();
  // When the phase begins, since the start of the run.
  [[nodiscard]] Nanos StartOf(std::size_t phase) const;
  [[nodiscard]] const std::vector<Phase>& phases() const { return phases_; }

 private:
  // The due time of the next request, counted from its phase's start.
  Nanos Offset();
  void Begin(std::size_t phase);

  const std::vector<Phase> phases_;
  const Arrivals arrivals_;
  Random random_;
  const bool endless_;
  std::size_t phase_ = 0;
  std::int64_t number_ = 0;  // of the next request within its phase
  double poisson_ns_ = 0;    // sum of the gaps within the phase
  std::optional<Due> next_;
};

}  // namespace load
