#include "bench/load/tally.h"

#include <chrono>
#include <numeric>
#include <utility>

namespace load {
namespace {

// Whether more than 1 % of `all`.
bool Many(std::uint64_t count, std::uint64_t all) { return count * 100 > all; }

}  // namespace

std::uint64_t Served(const Codes& codes) {
  return std::accumulate(codes.begin() + 200, codes.begin() + 300, std::uint64_t{0});
}

std::uint64_t Shed(const Codes& codes) { return codes.at(503); }

bool GeneratorLimited(const PhaseTally& tally, Nanos good_within) {
  constexpr Nanos kScheduleErrorMax = std::chrono::milliseconds(50);
  const Counts& counts = tally.counts;
  const auto error = tally.schedule_error.Percentile(0.99);
  if (error && *error > kScheduleErrorMax) return true;
  if (Many(counts.late, counts.scheduled)) return true;
  const auto answer = tally.from_send.Percentile(0.9);
  const bool slow = (answer && *answer > good_within) ||
                    Many(counts.timed_out + counts.unfinished, counts.offered);
  return !slow && Many(counts.no_connection, counts.scheduled);
}

Tallies::Tallies(const std::vector<Phase>& phases, Nanos good_within)
    : good_within_(good_within), phases_(phases.size()) {
  for (std::size_t i = 0; i < phases.size(); ++i) phases_[i].target_rps = phases[i].target_rps;
}

void Tallies::Offered(std::size_t phase, Nanos error) {
  Both(phase, &Counts::offered);
  phases_[phase].schedule_error.Record(error);
}

void Tallies::Answered(std::size_t phase, int status, Nanos from_schedule, Nanos from_send) {
  Both(phase, &Counts::answered);
  PhaseTally& tally = phases_[phase];
  ++tally.codes.at(static_cast<std::size_t>(status));
  ++recent_.codes.at(static_cast<std::size_t>(status));
  tally.from_schedule.Record(from_schedule);
  recent_.from_schedule.Record(from_schedule);
  tally.from_send.Record(from_send);
  // A refusal with a reason (422) is the right answer to what we send at times.
  if ((status == 200 || status == 422) && from_schedule <= good_within_) {
    Both(phase, &Counts::good);
  }
}

void Tallies::Failed(std::size_t phase, std::string why) {
  Both(phase, &Counts::failed);
  last_failure_ = std::move(why);
}

PhaseTally Tallies::TakeRecent() {
  const PhaseTally taken = recent_;
  recent_ = PhaseTally();
  return taken;
}

}  // namespace load
