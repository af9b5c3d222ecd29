#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/load/histogram.h"
#include "bench/load/schedule.h"

// What became of the requests. Every one that was due ends in exactly one place:
//   scheduled = offered + late + no_connection + no_target
//   offered   = answered + timed_out + failed + unfinished
namespace load {

struct Counts {
  std::uint64_t scheduled = 0;      // came due
  std::uint64_t offered = 0;        // handed to the network: written, or its connection begun
  std::uint64_t sent = 0;           // written to the last byte
  std::uint64_t answered = 0;       // with a whole HTTP answer of any status
  std::uint64_t timed_out = 0;      // no whole answer within the timeout, reckoned from its send
  std::uint64_t failed = 0;         // connection refused, broken, or nonsense instead of an answer
  std::uint64_t unfinished = 0;     // under way when the run was stopped
  std::uint64_t late = 0;           // would have been handed over more than a second late
  std::uint64_t no_connection = 0;  // every connection was in use, or the system gave no other
  std::uint64_t no_target = 0;      // the targets file was empty
  std::uint64_t good = 0;           // 200 or 422 within good_within of the schedule

  [[nodiscard]] std::uint64_t not_sent() const { return late + no_connection + no_target; }
};

using Codes = std::array<std::uint64_t, 600>;  // answers by HTTP status
std::uint64_t Served(const Codes& codes);      // 2xx
std::uint64_t Shed(const Codes& codes);        // 503

struct PhaseTally {
  int target_rps = 0;
  Nanos lasted{0};
  Counts counts;
  Codes codes{};
  Histogram from_schedule;   // of answers: due time to last byte; with the wait that a caller has
  Histogram from_send;       // of answers: hand-over to last byte
  Histogram schedule_error;  // of what was offered: due time to hand-over
};

// Whether in this phase the generator was the limit and not the service, so that its figures say
// nothing about the service:
// - schedule_error has a p99 above 50 ms: the hand-over is all ours, whatever the service does;
// - over 1 % of what was due was given up as late, for the same reason;
// - over 1 % of what was due found no connection although the answers were not slow (p90 from send
//   within `good_within`, at most 1 % timed out or unanswered at the end): then connections were
//   not held by a service that lets us wait, but --connections-max, descriptors or ports were too
//   few for the rate. With slow answers the lack of connections is what the service does to its
//   callers, and is no such case.
bool GeneratorLimited(const PhaseTally& tally, Nanos good_within);

// The requests of a run, counted as they go. One thread.
class Tallies {
 public:
  Tallies(const std::vector<Phase>& phases, Nanos good_within);

  void Scheduled(std::size_t phase) { Both(phase, &Counts::scheduled); }
  void Offered(std::size_t phase, Nanos error);
  void Sent(std::size_t phase) { Both(phase, &Counts::sent); }
  void Answered(std::size_t phase, int status, Nanos from_schedule, Nanos from_send);
  void TimedOut(std::size_t phase) { Both(phase, &Counts::timed_out); }
  void Failed(std::size_t phase, std::string why);  // `why`: the last one is kept
  void Unfinished(std::size_t phase) { Both(phase, &Counts::unfinished); }
  void Late(std::size_t phase) { Both(phase, &Counts::late); }
  void NoConnection(std::size_t phase) { Both(phase, &Counts::no_connection); }
  void NoTarget(std::size_t phase) { Both(phase, &Counts::no_target); }

  // What happened since the last call, for the progress line.
  PhaseTally TakeRecent();

  std::vector<PhaseTally>& phases() { return phases_; }
  [[nodiscard]] const std::vector<PhaseTally>& phases() const { return phases_; }
  [[nodiscard]] const std::string& last_failure() const { return last_failure_; }

 private:
  void Both(std::size_t phase, std::uint64_t Counts::*count) {
    ++(phases_[phase].counts.*count);
    ++(recent_.counts.*count);
  }

  const Nanos good_within_;
  std::vector<PhaseTally> phases_;
  PhaseTally recent_;
  std::string last_failure_;
};

}  // namespace load
