#include "bench/load/attack.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>

namespace load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t kSignalToken = ~std::uint64_t{0};
constexpr Nanos kLateMax = seconds(1);
constexpr Nanos kLookInterval = milliseconds(50);
constexpr Nanos kDrainAfterSignal = seconds(2);
constexpr std::size_t kBurst = 64;  // requests in a row before answers are read again

timespec AsTimespec(Nanos span) {
  const auto whole = std::chrono::duration_cast<seconds>(span);
  return {.tv_sec = whole.count(), .tv_nsec = static_cast<long>((span - whole).count())};
}

// The number of the signal that came, 0 when none did.
int ReadSignal(int signals) {
  signalfd_siginfo info{};
  const bool whole = read(signals, &info, sizeof info) == sizeof info;
  return whole ? static_cast<int>(info.ssi_signo) : 0;
}

}  // namespace

base::Result<std::unique_ptr<Attack>> Attack::Create(const AttackOptions& options,
                                                     const std::vector<Row>* rows,
                                                     const base::Clock* clock, Tallies* tallies) {
  base::Fd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return base::ErrnoError("epoll_create1", errno);
  sigset_t wanted{};
  for (const int signal : {SIGINT, SIGTERM}) sigaddset(&wanted, signal);
  base::Fd signals(signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!signals.valid()) return base::ErrnoError("signalfd", errno);
  epoll_event event{.events = EPOLLIN, .data = {}};
  event.data.u64 = kSignalToken;
  if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, signals.get(), &event) != 0) {
    return base::ErrnoError("epoll_ctl", errno);
  }
  // Before Linux 5.11 there is no wait shorter than 1 ms: said now, not felt later.
  constexpr timespec kNoWait{};
  if (epoll_pwait2(epoll.get(), &event, 1, &kNoWait, nullptr) < 0 && errno != EINTR) {
    return base::ErrnoError("epoll_pwait2", errno);
  }
  return std::unique_ptr<Attack>(
      new Attack(options, rows, clock, tallies, std::move(epoll), std::move(signals)));
}

Attack::Attack(const AttackOptions& options, const std::vector<Row>* rows, const base::Clock* clock,
               Tallies* tallies, base::Fd epoll, base::Fd signals)
    : options_(options),
      clock_(*clock),
      tallies_(*tallies),
      epoll_(std::move(epoll)),
      signals_(std::move(signals)),
      start_(clock->Steady()),
      connections_(options.connections, epoll_.get(), rows, tallies, clock, start_),
      events_(256) {}

Ending Attack::Run(Schedule schedule, RowPicker picker, const std::vector<Target>& targets,
                   const Watcher& watcher) {
  // The kernel may add 50 us to each wait, to save wake-ups: more than the gap at 20,000 a second.
  prctl(PR_SET_TIMERSLACK, 1UL);
  connections_.SetTargets(targets);
  next_progress_ = options_.progress_interval;
  std::optional<Ending> ending;
  while (!(ending = LookAround(&schedule, watcher))) {
    SendDue(&schedule, &picker, Nanos::max());
    const auto& next = schedule.Next();
    Wait(next ? next->at : schedule.StartOf(schedule.phases().size()));
  }
  const Nanos end = Now();
  if (*ending != Ending::kSignal) SendRest(&schedule, &picker, end);
  SetLasted(schedule, end);
  Drain(*ending == Ending::kSignal ? kDrainAfterSignal : options_.connections.timeout, watcher);
  connections_.Abandon();
  return *ending;
}

std::optional<Ending> Attack::LookAround(Schedule* schedule, const Watcher& watcher) {
  if (signal_ != 0) return Ending::kSignal;
  const Nanos now = Now();
  // The last phase lasts to its end, also behind its last request.
  if (!schedule->Next() && now >= schedule->StartOf(schedule->phases().size())) {
    return Ending::kDone;
  }
  if (now < next_look_) return std::nullopt;
  next_look_ = now + kLookInterval;
  if (auto targets = watcher.joined()) connections_.SetTargets(*targets);
  if (now >= next_progress_) {
    watcher.progress(phase_, now);
    next_progress_ = now + options_.progress_interval;
  }
  if (watcher.enough()) return Ending::kEnough;
  return now >= options_.longest ? std::optional(Ending::kTooLong) : std::nullopt;
}

void Attack::SendDue(Schedule* schedule, RowPicker* picker, Nanos end) {
  for (std::size_t i = 0; i < kBurst && schedule->Next(); ++i) {
    const Due due = *schedule->Next();
    const Nanos now = Now();
    if (due.at > now || due.at > end) return;
    schedule->Advance();
    phase_ = due.phase;
    tallies_.Scheduled(due.phase);
    if (now - due.at > kLateMax) {
      tallies_.Late(due.phase);
      continue;
    }
    connections_.Send(
        {.phase = due.phase, .row = picker->Pick(), .number = number_++, .due = due.at});
  }
}

void Attack::Wait(std::optional<Nanos> until) {
  Nanos wake = next_look_;
  if (until) wake = std::min(wake, *until);
  if (const auto expiry = connections_.NextExpiry()) wake = std::min(wake, *expiry);
  const timespec wait = AsTimespec(std::max(wake - Now(), Nanos(0)));
  const int count =
      epoll_pwait2(epoll_.get(), events_.data(), static_cast<int>(events_.size()), &wait, nullptr);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events_[static_cast<std::size_t>(i)];
    if (event.data.u64 == kSignalToken) {
      TakeSignal();
    } else {
      connections_.OnEvent(event.data.u64, event.events);
    }
  }
  connections_.Expire();
}

void Attack::TakeSignal() {
  const int signal = ReadSignal(signals_.get());
  if (signal == 0) return;
  if (signal_ == 0) signal_ = signal;
  ++signals_seen_;
}

void Attack::Drain(Nanos longest, const Watcher& watcher) {
  const Nanos end = Now() + longest;
  const int signals_before = signals_seen_;
  while (connections_.in_flight() > 0 && Now() < end && signals_seen_ == signals_before) {
    next_look_ = std::min(Now() + kLookInterval, end);
    Wait(std::nullopt);
    if (Now() < next_progress_) continue;
    watcher.progress(phase_, Now());
    next_progress_ = Now() + options_.progress_interval;
  }
}

void Attack::SendRest(Schedule* schedule, RowPicker* picker, Nanos end) {
  while (schedule->Next() && schedule->Next()->at <= end) {
    SendDue(schedule, picker, end);
    Wait(end);
  }
}

void Attack::SetLasted(const Schedule& schedule, Nanos end) {
  std::vector<PhaseTally>& phases = tallies_.phases();
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const bool last = i + 1 == phases.size();
    const Nanos phase_end = last ? end : std::min(end, schedule.StartOf(i + 1));
    phases[i].lasted = std::max(phase_end - schedule.StartOf(i), Nanos(0));
  }
}

}  // namespace load
