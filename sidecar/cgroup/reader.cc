#include "sidecar/cgroup/reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "sidecar/cgroup/files.h"

namespace sidecar::cgroup {
namespace {

using base::Error;
using base::ErrorCode;
using base::Fd;
using base::ReadAgain;

base::Result<Fd> OpenDirectory(const std::string& path) {
  Fd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return base::ErrnoError(path, errno);
  return fd;
}

Fd OpenIfThere(const Fd& directory, const char* name) {
  auto file = base::OpenAt(directory, name);
  return file ? std::move(*file) : Fd();
}

std::string TextOrEmpty(const Fd& file) {
  if (!file.valid()) return "";
  auto text = ReadAgain(file, "");
  return text ? std::move(*text) : std::string();
}

base::Result<std::string> ReadByName(const Fd& directory, const char* name) {
  const auto file = base::OpenAt(directory, name);
  if (!file) return file.error();
  return ReadAgain(*file, name);
}

std::optional<std::int64_t> Times(std::optional<std::int64_t> value, std::int64_t factor) {
  if (!value || *value > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
  return *value * factor;
}

std::optional<std::int64_t> TicksNs(std::uint64_t ticks) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (ticks > kMost) return std::nullopt;
  return Times(static_cast<std::int64_t>(ticks), 1'000'000'000 / sysconf(_SC_CLK_TCK));
}

Error Gone(int pid) { return {ErrorCode::kNotFound, "no process " + std::to_string(pid)}; }

// Of two limits that both hold. Unknown is smaller or not: unknown.
Limit Smaller(const Limit& a, const Limit& b) {
  if (a.kind == Limit::Kind::kUnknown || b.kind == Limit::Kind::kUnknown) return {};
  if (a.kind == Limit::Kind::kUnlimited) return b;
  if (b.kind == Limit::Kind::kUnlimited) return a;
  return a.cores < b.cores ? a : b;
}

std::optional<std::int64_t> WorkingSet(std::optional<std::int64_t> usage,
                                       std::optional<std::int64_t> inactive_file) {
  if (!usage || !inactive_file) return std::nullopt;
  return std::max<std::int64_t>(*usage - *inactive_file, 0);
}

}  // namespace

Reader::Reader(std::string root, TargetSpec spec, std::optional<double> declared_limit_cores)
    : root_(std::move(root)), spec_(std::move(spec)), declared_limit_cores_(declared_limit_cores) {}

std::string Reader::Proc(int pid, const char* file) const {
  return root_ + "/proc/" + std::to_string(pid) + "/" + file;
}

base::Status Reader::HoldProcess(Held* held) const {
  auto directory = OpenDirectory(Proc(*held->pid, ""));
  if (!directory) return directory.error();
  auto stat = base::OpenAt(*directory, "stat");
  auto group = base::OpenAt(*directory, "cgroup");
  if (!stat || !group) return stat ? group.error() : stat.error();
  auto text = ReadAgain(*group, "cgroup");
  if (!text) return text.error();
  const auto now = ReadAgain(*stat, "stat");
  if (!now) return now.error();
  const auto fields = ParseProcStat(*now);
  if (!fields) {
    return Error{ErrorCode::kIo, Proc(*held->pid, "stat") + " does not read as proc(5) says"};
  }
  held->identity.start_time = fields->start_time;
  held->proc_cgroup = std::move(*text);
  held->proc_stat_file = std::move(*stat);
  held->proc_cgroup_file = std::move(*group);
  return {};
}

Reader::LimitFiles Reader::OpenLimit(const Fd& directory, bool v1) {
  return {.limit = OpenIfThere(directory, v1 ? "cpu.cfs_quota_us" : "cpu.max"),
          .period = OpenIfThere(directory, "cpu.cfs_period_us")};
}

base::Status Reader::HoldGroup(Held* held) {
  const Location& location = held->location;
  const bool v1 = location.source == Source::kCgroupV1;
  auto cpu = OpenDirectory(location.cpu_dir);
  auto usage = OpenDirectory(location.usage_dir);
  if (!cpu || !usage) return cpu ? usage.error() : cpu.error();
  struct stat info {};
  if (fstat(usage->get(), &info) != 0) return base::ErrnoError(location.usage_dir, errno);
  held->identity.inode = info.st_ino;
  held->usage_dir = std::move(*usage);
  held->cpu_stat = OpenIfThere(*cpu, "cpu.stat");
  held->cpu_pressure = OpenIfThere(*cpu, "cpu.pressure");
  held->limits.reserve(1 + location.cpu_parents.size());
  held->limits.push_back(OpenLimit(*cpu, v1));
  for (const std::string& parent : location.cpu_parents) {
    const auto directory = OpenDirectory(parent);
    if (directory) held->limits.push_back(OpenLimit(*directory, v1));
  }
  const auto memory = OpenDirectory(location.memory_dir);
  if (!memory) return {};
  held->memory_usage = OpenIfThere(*memory, v1 ? "memory.usage_in_bytes" : "memory.current");
  held->memory_limit = OpenIfThere(*memory, v1 ? "memory.limit_in_bytes" : "memory.max");
  held->memory_stat = OpenIfThere(*memory, "memory.stat");
  return {};
}

// The process is held first and checked after all else is: what was opened by its number in between
// is its own and not that of a successor.
base::Result<Reader::Held> Reader::Hold(base::SteadyTime now) const {
  Held held{.pid = spec_.pid, .looked_at = now};
  std::optional<std::uint64_t> start_time = first_start_time_;
  if (!spec_.pid && spec_.cgroup.empty()) {
    const std::string mistake = Mistake(spec_);
    if (!mistake.empty()) return Error{ErrorCode::kInvalid, mistake};
    const auto found = FindProcess(root_, spec_.command ? &*spec_.command : nullptr);
    if (!found) return found.error();
    held.pid = found->pid;
    start_time = found->start_time;
  }
  if (held.pid) {
    const auto process = HoldProcess(&held);
    if (!process && process.error().code != ErrorCode::kNotFound) return process.error();
    if (!process) return Gone(*held.pid);
    if (start_time.value_or(held.identity.start_time) != held.identity.start_time) {
      return Gone(*held.pid);
    }
  }
  const auto location = Locate(root_, spec_, held.pid);
  if (!location) return location.error();
  held.location = *location;
  held.identity.pid = held.pid.value_or(0);
  held.identity.cgroup = location->cgroup;
  held.identity.source = location->source;
  if (location->source == Source::kProc) return held;
  if (const auto group = HoldGroup(&held); !group) return group.error();
  return held;
}

// The nanoseconds of CPU it used, when it is the same process as at first, alive and in its group.
base::Result<std::int64_t> Reader::CheckProcess(const Held& held) const {
  const auto text = ReadAgain(held.proc_stat_file, "stat");
  if (!text) return text.error().code == ErrorCode::kNotFound ? Gone(*held.pid) : text.error();
  const auto stat = ParseProcStat(*text);
  if (stat && (stat->start_time != held.identity.start_time || stat->Ended())) {
    return Gone(*held.pid);
  }
  const auto used_ns = stat ? TicksNs(stat->cpu_ticks) : std::nullopt;
  if (!used_ns) {
    return Error{ErrorCode::kIo, Proc(*held.pid, "stat") + " does not read as proc(5) says"};
  }
  const auto group = ReadAgain(held.proc_cgroup_file, "cgroup");
  if (!group) return group.error();
  if (*group != held.proc_cgroup) return Error{ErrorCode::kNotFound, "moved to another group"};
  return *used_ns;
}

base::Result<Counters> Reader::ReadCounters(const Held& held) {
  const bool v1 = held.location.source == Source::kCgroupV1;
  const char* file = v1 ? "cpuacct.usage" : "cpu.stat";
  const auto text = ReadByName(held.usage_dir, file);
  if (!text) return text.error();
  const auto usage = v1 ? ParseNumber(*text) : Times(FindKey(*text, "usage_usec"), 1000);
  if (!usage) return Error{ErrorCode::kIo, std::string(file) + " holds no CPU usage"};
  const std::string stat = v1 ? TextOrEmpty(held.cpu_stat) : *text;
  const auto pressure = ParsePressureTotal(TextOrEmpty(held.cpu_pressure));
  return Counters{.usage_ns = *usage,
                  .periods = FindKey(stat, "nr_periods"),
                  .throttled_periods = FindKey(stat, "nr_throttled"),
                  .throttled_ns = v1 ? FindKey(stat, "throttled_time")
                                     : Times(FindKey(stat, "throttled_usec"), 1000),
                  .pressure_ns = Times(pressure, 1000)};
}

// A v2 group without the file has no limit of its own (the root, or one whose parent does not hand
// the controller down); where no group has one, the limit is told elsewhere and unknown.
Limit Reader::ReadLimit(const Held& held) {
  const bool v2 = held.location.source == Source::kCgroupV2;
  std::optional<Limit> smallest;
  for (const LimitFiles& files : held.limits) {
    if (!files.limit.valid()) continue;
    const std::string text = TextOrEmpty(files.limit);
    const Limit limit = v2 ? ParseCpuMax(text) : ParseCfs(text, TextOrEmpty(files.period));
    smallest = smallest ? Smaller(*smallest, limit) : limit;
  }
  return smallest.value_or(Limit{});
}

Memory Reader::ReadMemory(Held* held, base::SteadyTime now) {
  if (held->memory_at && now - *held->memory_at < kMemoryAge) return held->memory_then;
  const bool v1 = held->location.source == Source::kCgroupV1;
  const auto inactive =
      FindKey(TextOrEmpty(held->memory_stat), v1 ? "total_inactive_file" : "inactive_file");
  held->memory_at = now;
  held->memory_then = {
      .working_set_bytes = WorkingSet(ParseNumber(TextOrEmpty(held->memory_usage)), inactive),
      .limit_bytes = ParseMemoryLimit(TextOrEmpty(held->memory_limit))};
  return held->memory_then;
}

bool Reader::WorthAnotherLook(base::SteadyTime now) {
  if (held_->location.source != Source::kProc || now - held_->looked_at < kLookAgain) return false;
  held_->looked_at = now;
  const auto location = Locate(root_, spec_, held_->pid);
  return location && location->source != Source::kProc;
}

// The clock is read on both sides of the usage alone.
base::Status Reader::Measure(const base::Clock& clock, Reading* reading) {
  auto before = clock.Steady();
  auto after = before;
  if (held_->pid) {
    const auto used_ns = CheckProcess(*held_);
    if (!used_ns) return used_ns.error();
    first_start_time_ = held_->identity.start_time;
    reading->counters.usage_ns = *used_ns;
    after = clock.Steady();
  }
  if (held_->location.source != Source::kProc) {
    before = clock.Steady();
    const auto counters = ReadCounters(*held_);
    if (!counters) return counters.error();
    after = clock.Steady();
    reading->counters = *counters;
    reading->limit = ReadLimit(*held_);
    reading->memory = ReadMemory(&*held_, before);
  }
  reading->at = before + (after - before) / 2;
  reading->identity = held_->identity;
  return {};
}

base::Result<Reading> Reader::Read(const base::Clock& clock) {
  const auto now = clock.Steady();
  if (held_ && WorthAnotherLook(now)) held_.reset();
  if (!held_) {
    auto held = Hold(now);
    if (!held) return held.error();
    held_ = std::move(*held);
  }
  Reading reading;
  if (const auto measured = Measure(clock, &reading); !measured) {
    held_.reset();
    return measured.error();
  }
  if (reading.limit.kind != Limit::Kind::kCores && declared_limit_cores_) {
    reading.limit = {.kind = Limit::Kind::kCores, .cores = *declared_limit_cores_};
  }
  return reading;
}

}  // namespace sidecar::cgroup
