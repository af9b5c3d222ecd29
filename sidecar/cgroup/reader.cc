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

base::Status Reader::HoldProcess(Held* held) const {
  auto directory = OpenDirectory(Proc(""));
  if (!directory) return directory.error();
  auto stat = base::OpenAt(*directory, "stat");
  auto group = base::OpenAt(*directory, "cgroup");
  if (!stat || !group) return stat ? group.error() : stat.error();
  auto text = ReadAgain(*group, "cgroup");
  if (!text) return text.error();
  held->proc_cgroup = std::move(*text);
  held->proc_stat_file = std::move(*stat);
  held->proc_cgroup_file = std::move(*group);
  return {};
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
  held->cpu_limit = OpenIfThere(*cpu, v1 ? "cpu.cfs_quota_us" : "cpu.max");
  held->cpu_period = OpenIfThere(*cpu, "cpu.cfs_period_us");
  const auto memory = OpenDirectory(location.memory_dir);
  if (!memory) return {};
  held->memory_usage = OpenIfThere(*memory, v1 ? "memory.usage_in_bytes" : "memory.current");
  held->memory_limit = OpenIfThere(*memory, v1 ? "memory.limit_in_bytes" : "memory.max");
  held->memory_stat = OpenIfThere(*memory, "memory.stat");
  return {};
}

base::Result<Reader::Held> Reader::Hold() const {
  const auto location = Locate(root_, spec_);
  if (!location) return location.error();
  Held held{
      .location = *location,
      .identity = {
          .pid = spec_.pid.value_or(0), .cgroup = location->cgroup, .source = location->source}};
  if (spec_.pid) {
    if (const auto process = HoldProcess(&held); !process) return process.error();
  }
  if (location->source == Source::kProc) return held;
  if (const auto group = HoldGroup(&held); !group) return group.error();
  return held;
}

// The same process as at first, still alive and in the same group; keeps its CPU ticks.
base::Status Reader::CheckProcess(Held* held) {
  const Error gone{ErrorCode::kNotFound, "no process " + std::to_string(*spec_.pid)};
  const auto text = ReadAgain(held->proc_stat_file, "stat");
  if (!text) return text.error().code == ErrorCode::kNotFound ? gone : text.error();
  const auto stat = ParseProcStat(*text);
  if (!stat) return Error{ErrorCode::kIo, Proc("stat") + " does not read as proc(5) says"};
  if (first_start_time_.value_or(stat->start_time) != stat->start_time) return gone;
  if (stat->state == 'Z' || stat->state == 'X') return gone;
  const auto group = ReadAgain(held->proc_cgroup_file, "cgroup");
  if (!group) return group.error();
  if (*group != held->proc_cgroup) return Error{ErrorCode::kNotFound, "moved to another group"};
  first_start_time_ = stat->start_time;
  held->identity.start_time = stat->start_time;
  proc_ticks_ = stat->cpu_ticks;
  return {};
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

Limit Reader::ReadLimit(const Held& held) {
  const std::string limit = TextOrEmpty(held.cpu_limit);
  return held.location.source == Source::kCgroupV2 ? ParseCpuMax(limit)
                                                   : ParseCfs(limit, TextOrEmpty(held.cpu_period));
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
    reading.memory = ReadMemory(&*held_, before);
  }
  reading.at = before + (clock.Steady() - before) / 2;
  reading.identity = held_->identity;
  if (reading.limit.kind != Limit::Kind::kCores && declared_limit_cores_) {
    reading.limit = {.kind = Limit::Kind::kCores, .cores = *declared_limit_cores_};
  }
  return reading;
}

}  // namespace sidecar::cgroup
