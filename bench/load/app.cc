#include "bench/load/app.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/file.h"
#include "base/settings.h"

namespace load {
namespace {

using base::Error;
using base::ErrorCode;
using base::Millis;
using std::stop_token;

constexpr std::size_t kRowsMax = 256 << 20;  // of the file, bytes
constexpr rlim_t kOtherFiles = 64;           // descriptors for all that is no connection of ours

// Lifts the soft limit of open files to the hard one.
base::Status MakeRoom(int connections) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return base::ErrnoError("getrlimit", errno);
  files.rlim_cur = files.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) return base::ErrnoError("setrlimit", errno);
  const rlim_t wanted = static_cast<rlim_t>(connections) + kOtherFiles;
  if (files.rlim_cur >= wanted) return {};
  return Error{ErrorCode::kFull, "--connections-max " + std::to_string(connections) + " needs " +
                                     std::to_string(wanted) +
                                     " open files, the hard limit (ulimit -Hn) is " +
                                     std::to_string(files.rlim_cur)};
}

AttackOptions AttackOf(const Options& options) {
  return {.connections = {.keep = options.keep,
                          .max = static_cast<std::size_t>(options.connections_max),
                          .timeout = options.timeout},
          .longest = options.longest,
          .progress_interval = options.progress_interval};
}

}  // namespace

App::App(Options options, const base::Clock* clock)
    : options_(std::move(options)),
      clock_(*clock),
      watch_(options_.targets_file),
      tallies_(options_.phases, options_.good_within),
      follow_(options_.follow, clock->Now(), clock),
      terminal_(isatty(STDOUT_FILENO) == 1) {
  report_.arrivals = options_.arrivals == Arrivals::kPoisson ? "poisson" : "uniform";
  report_.connections = options_.keep ? "kept" : "new";
  report_.good_within = options_.good_within;
}

int App::Run() {
  base::Status driven = Prepare();
  if (driven) driven = Drive();
  return Finish(driven);
}

base::Status App::Prepare() {
  if (auto room = MakeRoom(options_.connections_max); !room) return room;
  const auto text = base::ReadFile(options_.rows_file, kRowsMax);
  if (!text) return text.error();
  auto rows = ParseRows(*text, options_.features);
  if (!rows) return rows.error().Wrap(options_.rows_file);
  rows_ = std::move(*rows);
  auto targets = options_.targets_file.empty() ? ResolveAll(options_.targets) : watch_.Begin();
  if (!targets) return targets.error();
  targets_ = std::move(*targets);
  if (auto known = follow_.CheckHistory(); !known) return known;
  std::string names;
  for (const Target& target : targets_) names += " " + target.name;
  std::printf("attacking%s\n", names.empty() ? " nothing yet" : names.c_str());
  return {};
}

base::Status App::Drive() {
  auto picker = RowPicker::Create(rows_, options_.mix, Random(options_.seed));
  if (!picker) return picker.error().Wrap(options_.rows_file);
  const bool wait_for_told = !options_.follow.history.empty();
  // A generator of its own, so that rows and due times do not follow from one another.
  Schedule schedule(options_.phases, options_.arrivals, Random(~options_.seed), wait_for_told);
  auto attack = Attack::Create(AttackOf(options_), &rows_, &clock_, &tallies_);
  if (!attack) return attack.error();

  base::PeriodicWorker look(Millis(200), [this](const stop_token&) { watch_.Look(); });
  base::PeriodicWorker poll(Millis(1000), [this](const stop_token& stop) { follow_.Poll(stop); });
  if (!options_.targets_file.empty()) look.Start();
  if (!follow_.Text().empty()) poll.Start();
  const Ending ending = (*attack)->Run(
      std::move(schedule), std::move(*picker), targets_,
      {.enough = [&] { return wait_for_told && follow_.Times().told_at.has_value(); },
       .joined = [this] { return watch_.TakeChange(); },
       .progress = [this](std::size_t phase, Nanos now) { ShowProgress(phase, now); }});
  signal_ = (*attack)->signal();
  Judge(ending);
  return {};
}

void App::Judge(Ending ending) {
  const bool wanted = !options_.follow.history.empty();
  switch (ending) {
    case Ending::kDone:
    case Ending::kTooLong:
      report_.result = wanted ? "not_told" : "done";
      break;
    case Ending::kEnough:
      report_.result = "told";
      return;
    case Ending::kSignal:
      report_.result = "stopped";
      return;
  }
  if (wanted) {
    report_.problem = "the administrator was not told within " +
                      base::FormatDuration(options_.longest) + ": the alert is " + follow_.Text();
    return;
  }
  std::uint64_t answered = 0;
  for (const PhaseTally& phase : tallies_.phases()) answered += phase.counts.answered;
  if (answered > 0) return;
  report_.result = "failed";
  report_.problem = "nothing was answered";
  if (!tallies_.last_failure().empty()) report_.problem += ": " + tallies_.last_failure();
}

void App::ShowProgress(std::size_t phase, Nanos now) {
  PhaseTally recent = tallies_.TakeRecent();
  recent.target_rps = options_.phases.at(phase).target_rps;
  recent.lasted = now - last_progress_;
  last_progress_ = now;
  const std::string line = ProgressLine(phase, options_.phases.size(), recent, follow_.Text());
  // On a terminal the line is drawn anew over the old one.
  std::printf(terminal_ ? "\r%s\x1b[K" : "%s\n", line.c_str());
  std::fflush(stdout);
}

int App::Finish(const base::Status& driven) {
  if (!driven) {
    report_.result = "failed";
    report_.problem = driven.error().message;
  }
  report_.alert = follow_.Times();
  for (const PhaseTally& phase : tallies_.phases()) {
    if (phase.lasted > Nanos(0)) report_.phases.push_back(phase);
  }
  std::printf("%s%s", terminal_ && last_progress_ > Nanos(0) ? "\n" : "",
              report_.phases.empty() ? "" : ReportTable(report_).c_str());
  std::fflush(stdout);
  bool failed = report_.result == "failed" || report_.result == "not_told";
  if (!report_.problem.empty()) {
    std::fprintf(stderr, "fraud-attack: %s\n", report_.problem.c_str());
  }
  if (!options_.json_file.empty()) {
    const auto written = WriteReport(options_.json_file, ReportJson(report_));
    if (!written) std::fprintf(stderr, "fraud-attack: %s\n", written.error().message.c_str());
    failed = failed || !written;
  }
  if (signal_ != 0) return 128 + signal_;
  return failed ? 1 : 0;
}

}  // namespace load
