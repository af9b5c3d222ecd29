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
using base::ReadFileAt;

base::Result<Fd> OpenDirectory(const std::string& path) {
  Fd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return base::ErrnoError(path, errno);
  return fd;
}

std::string TextOrEmpty(const Fd& directory, const char* name) {
  auto text = ReadFileAt(directory, name);
  return text ? std::move(*text) : std::string();
}

std::optional<std::int64_t> Times(std::optional<std::int64_t> value, std::int64_t factor) {
  if (!value || *value > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
  return *value * factor;
}

base::Result<Counters> CountersV1(const Fd& usage_dir, const Fd& cpu_dir) {
  const auto text = ReadFileAt(usage_dir, "cpuacct.usage");
  if (!text) return text.error();
  const auto usage = ParseNumber(*text);
  if (!usage) return Error{ErrorCode::kIo, "cpuacct.usage does not read as a number"};
  const std::string stat = TextOrEmpty(cpu_dir, "cpu.stat");
  return Counters{.usage_ns = *usage,
                  .periods = FindKey(stat, "nr_periods"),
                  .throttled_periods = FindKey(stat, "nr_throttled"),
                  .throttled_ns = FindKey(stat, "throttled_time"),
                  .pressure_ns = std::nullopt};
}

base::Result<Counters> CountersV2(const Fd& directory) {
  const auto stat = ReadFileAt(directory, "cpu.stat");
  if (!stat) return stat.error();
  const auto usage = Times(FindKey(*stat, "usage_usec"), 1000);
  if (!usage) return Error{ErrorCode::kIo, "cpu.stat has no usage_usec"};
  const auto pressure = ParsePressureTotal(TextOrEmpty(directory, "cpu.pressure"));
  return Counters{.usage_ns = *usage,
                  .periods = FindKey(*stat, "nr_periods"),
                  .throttled_periods = FindKey(*stat, "nr_throttled"),
                  .throttled_ns = Times(FindKey(*stat, "throttled_usec"), 1000),
                  .pressure_ns = Times(pressure, 1000)};
}

std::optional<std::int64_t> WorkingSet(std::optional<std::int64_t> usage,
                                       std::optional<std::int64_t> inactive_file) {
  if (!usage || !inactive_file) return std::nullopt;
  return std::max<std::int64_t>(*usage - *inactive_file, 0);
}

}  // namespace

Reader::Reader(std::string root, TargetSpec spec, std::optional<double> declared_limit_cores)
    : root_(std::move(root)), spec_(std::move(spec)), declared_limit_cores_(declared_limit_cores) {}

std::string Reader::Proc(const char* file) const {
  return root_ + "/proc/" + std::to_string(*spec_.pid) + "/" + file;
}

base::Result<Reader::Held> Reader::Hold() const {
  auto location = Locate(root_, spec_);
  if (!location) return location.error();
  Held held{.location = *location,
            .identity = {.pid = spec_.pid.value_or(0),
                         .start_time = 0,
                         .cgroup = location->cgroup,
                         .inode = 0,
                         .source = location->source},
            .proc_cgroup = {},
            .cpu = Fd(),
            .usage = Fd(),
            .memory = Fd()};
  if (spec_.pid) {
    auto text = base::ReadFile(Proc("cgroup"));
    if (!text) return text.error();
    held.proc_cgroup = std::move(*text);
  }
  if (location->source == Source::kProc) return held;
  auto cpu = OpenDirectory(location->cpu_dir);
  auto usage = OpenDirectory(location->usage_dir);
  if (!cpu || !usage) return cpu ? usage.error() : cpu.error();
  struct stat info {};
  if (fstat(usage->get(), &info) != 0) return base::ErrnoError(location->usage_dir, errno);
  held.identity.inode = info.st_ino;
  held.cpu = std::move(*cpu);
  held.usage = std::move(*usage);
  if (auto memory = OpenDirectory(location->memory_dir)) held.memory = std::move(*memory);
  return held;
}

// The same process as at first, still alive and in the same group; keeps its CPU ticks.
base::Status Reader::CheckProcess(Held* held) {
  const Error gone{ErrorCode::kNotFound, "no process " + std::to_string(*spec_.pid)};
  const auto text = base::ReadFile(Proc("stat"));
  if (!text) return text.error().code == ErrorCode::kNotFound ? gone : text.error();
  const auto stat = ParseProcStat(*text);
  if (!stat) return Error{ErrorCode::kIo, Proc("stat") + " does not read as proc(5) says"};
  if (first_start_time_.value_or(stat->start_time) != stat->start_time) return gone;
  if (stat->state == 'Z' || stat->state == 'X') return gone;
  const auto group = base::ReadFile(Proc("cgroup"));
  if (!group) return group.error();
  if (*group != held->proc_cgroup) return Error{ErrorCode::kNotFound, "moved to another group"};
  first_start_time_ = stat->start_time;
  held->identity.start_time = stat->start_time;
  proc_ticks_ = stat->cpu_ticks;
  return {};
}

base::Result<Counters> Reader::ReadCounters(const Held& held) {
  return held.location.source == Source::kCgroupV1 ? CountersV1(held.usage, held.cpu)
                                                   : CountersV2(held.usage);
}

Limit Reader::ReadLimit(const Held& held) {
  if (held.location.source == Source::kCgroupV2) {
    return ParseCpuMax(TextOrEmpty(held.cpu, "cpu.max"));
  }
  return ParseCfs(TextOrEmpty(held.cpu, "cpu.cfs_quota_us"),
                  TextOrEmpty(held.cpu, "cpu.cfs_period_us"));
}

Memory Reader::ReadMemory(const Held& held) {
  if (!held.memory.valid()) return {};
  const std::string stat = TextOrEmpty(held.memory, "memory.stat");
  if (held.location.source == Source::kCgroupV2) {
    return {.working_set_bytes = WorkingSet(ParseNumber(TextOrEmpty(held.memory, "memory.current")),
                                            FindKey(stat, "inactive_file")),
            .limit_bytes = ParseMemoryLimit(TextOrEmpty(held.memory, "memory.max"))};
  }
  return {.working_set_bytes =
              WorkingSet(ParseNumber(TextOrEmpty(held.memory, "memory.usage_in_bytes")),
                         FindKey(stat, "total_inactive_file")),
          .limit_bytes = ParseMemoryLimit(TextOrEmpty(held.memory, "memory.limit_in_bytes"))};
}

base::Result<Reading> Reader::Read(const base::Clock& clock) {
  if (!held_) {
    auto held = Hold();
    if (!held) return held.error();
    held_ = std::move(*held);
  }
  Reading reading;
  const auto before = clock.Steady();
  const auto forget = [this](const Error& error) -> base::Result<Reading> {
    held_.reset();
    return error;
  };
  if (spec_.pid) {
    if (const auto alive = CheckProcess(&*held_); !alive) return forget(alive.error());
  }
  if (held_->location.source == Source::kProc) {
    const auto tick_ns = std::int64_t{1'000'000'000} / sysconf(_SC_CLK_TCK);
    reading.counters.usage_ns = static_cast<std::int64_t>(proc_ticks_) * tick_ns;
  } else {
    const auto counters = ReadCounters(*held_);
    if (!counters) return forget(counters.error());
    reading.counters = *counters;
    reading.limit = ReadLimit(*held_);
    reading.memory = ReadMemory(*held_);
  }
  reading.at = before + (clock.Steady() - before) / 2;
  reading.identity = held_->identity;
  if (reading.limit.kind != Limit::Kind::kCores && declared_limit_cores_) {
    reading.limit = {.kind = Limit::Kind::kCores, .cores = *declared_limit_cores_};
  }
  return reading;
}

}  // namespace sidecar::cgroup
