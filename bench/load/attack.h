#pragma once

#include <sys/epoll.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "bench/load/connections.h"
#include "bench/load/rows.h"
#include "bench/load/schedule.h"
#include "bench/load/tally.h"
#include "bench/load/target.h"

namespace load {

struct AttackOptions {
  ConnectionOptions connections;
  Nanos longest{0};            // of the whole run, without the wait for the last answers
  Nanos progress_interval{0};  // between two calls of Watcher::progress
};

// What an attack asks and tells while it runs, all called in its thread; none may block.
struct Watcher {
  std::function<bool()> enough;                                // the run may end
  std::function<std::optional<std::vector<Target>>()> joined;  // the targets, when they changed
  std::function<void(std::size_t phase, Nanos now)> progress;
};

enum class Ending { kDone, kEnough, kTooLong, kSignal };

// Sends what the schedule says, when it says so, and reads the answers, in one thread:
//
//   due by now? -> hand it over, at once and late rather than never, but at most a second late
//   nothing due -> epoll until the next due time, an answer, a timeout or the next look around
//
// Ends behind the last phase (which may be endless), when `enough` says so, after `longest`, or by
// SIGINT or SIGTERM (to be blocked by the caller); then it waits for the answers under way, up to
// their timeout, after a signal 2 s at most. A second signal ends that wait.
class Attack {
 public:
  // All pointers must outlive it. kIo when the kernel refuses what the loop needs.
  static base::Result<std::unique_ptr<Attack>> Create(const AttackOptions& options,
                                                      const std::vector<Row>* rows,
                                                      const base::Clock* clock, Tallies* tallies);

  // `targets` is what the attack begins with. Once.
  Ending Run(Schedule schedule, RowPicker picker, const std::vector<Target>& targets,
             const Watcher& watcher);
  [[nodiscard]] int signal() const { return signal_; }  // that ended it; 0: none did

 private:
  Attack(const AttackOptions& options, const std::vector<Row>* rows, const base::Clock* clock,
         Tallies* tallies, base::Fd epoll, base::Fd signals);

  [[nodiscard]] Nanos Now() const { return clock_.Steady() - start_; }
  std::optional<Ending> LookAround(Schedule* schedule, const Watcher& watcher);
  void SendDue(Schedule* schedule, RowPicker* picker, Nanos end);
  void Wait(std::optional<Nanos> until);
  void TakeSignal();
  void Drain(Nanos longest, const Watcher& watcher);
  // What came due up to `end` and had no moment left to be sent.
  void SendRest(Schedule* schedule, RowPicker* picker, Nanos end);
  void SetLasted(const Schedule& schedule, Nanos end);

  const AttackOptions options_;
  const base::Clock& clock_;
  Tallies& tallies_;
  const base::Fd epoll_;
  const base::Fd signals_;
  const base::SteadyTime start_;
  Connections connections_;
  std::vector<epoll_event> events_;
  std::uint64_t number_ = 0;
  std::size_t phase_ = 0;  // of the last request that was due
  Nanos next_look_{0};
  Nanos next_progress_{0};
  int signal_ = 0;
  int signals_seen_ = 0;
};

}  // namespace load
