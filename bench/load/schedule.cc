#include "bench/load/schedule.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/settings.h"

namespace load {
namespace {

using base::Error;
using base::ErrorCode;
using base::Millis;

Error Wrong(const std::string& part, const char* expected) {
  return {.code = ErrorCode::kInvalid, .message = "\"" + part + "\" is not " + expected};
}

base::Result<Phase> ParsePhase(const std::string& part, Millis duration) {
  const std::size_t colon = part.find(':');
  const char* const end = part.data() + std::min(colon, part.size());
  Phase phase{.duration = duration};
  const auto [rest, problem] = std::from_chars(part.data(), end, phase.target_rps);
  const bool read = problem == std::errc() && rest == end;
  if (!read || phase.target_rps < 1 || phase.target_rps > kRateMax) {
    return Wrong(part, "RATE or RATE:DURATION with a rate from 1 to 1000000 a second");
  }
  if (colon == std::string::npos) return phase;
  const auto given = base::ParseDuration(part.substr(colon + 1));
  if (!given || *given < Millis(100) || *given > std::chrono::hours(24)) {
    return Wrong(part, "RATE:DURATION with a duration from 100ms to 24h");
  }
  phase.duration = *given;
  return phase;
}

}  // namespace

base::Result<std::vector<Phase>> ParsePhases(const std::string& text, Millis duration) {
  std::vector<Phase> phases;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const auto phase = ParsePhase(text.substr(begin, end - begin), duration);
    if (!phase) return phase.error();
    if (phases.size() == kPhasesMax) return Wrong(text, "a list of at most 64 phases");
    phases.push_back(*phase);
    begin = end + 1;
  }
  return phases;
}

void AddDoubling(int rate_max, Millis duration, std::vector<Phase>* phases) {
  while (phases->back().target_rps <= rate_max / 2 && phases->size() < kPhasesMax) {
    phases->push_back({.target_rps = phases->back().target_rps * 2, .duration = duration});
  }
}

Schedule::Schedule(std::vector<Phase> phases, Arrivals arrivals, Random random, bool endless)
    : phases_(std::move(phases)), arrivals_(arrivals), random_(random), endless_(endless) {
  Begin(0);
  Advance();
}

void Schedule::Begin(std::size_t phase) {
  phase_ = phase;
  number_ = 0;
  poisson_ns_ = 0;
}

Nanos Schedule::StartOf(std::size_t phase) const {
  Nanos start{0};
  for (std::size_t i = 0; i < phase; ++i) start += phases_.at(i).duration;
  return start;
}

Nanos Schedule::Offset() {
  constexpr std::int64_t kSecondNs = 1'000'000'000;
  const int rate = phases_.at(phase_).target_rps;
  if (arrivals_ == Arrivals::kUniform) {
    const auto number = number_++;  // in whole seconds and the rest: the product could overflow
    return Nanos(number / rate * kSecondNs + number % rate * kSecondNs / rate);
  }
  poisson_ns_ -= std::log1p(-random_.Unit()) * kSecondNs / rate;
  return Nanos(std::llround(poisson_ns_));
}

void Schedule::Advance() {
  while (phase_ < phases_.size()) {
    const Nanos offset = Offset();
    const bool no_end = endless_ && phase_ + 1 == phases_.size();
    if (no_end || offset < phases_.at(phase_).duration) {
      next_ = Due{.at = StartOf(phase_) + offset, .phase = phase_};
      return;
    }
    Begin(phase_ + 1);
  }
  next_.reset();
}

}  // namespace load
