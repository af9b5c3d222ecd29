#include "sidecar/cgroup/sampler.h"

#include "base/log.h"

namespace sidecar::cgroup {
namespace {

constexpr base::Millis kShort{15'000};
constexpr base::Millis kLong{60'000};

std::optional<double> OfLimit(const std::optional<CpuMean>& mean, const Limit& limit) {
  if (!mean || limit.kind != Limit::Kind::kCores) return std::nullopt;
  return mean->used_cores / limit.cores;
}

struct Exported {
  const char* name;
  const char* help;
  std::optional<double> value;
};

std::optional<double> Seconds(std::optional<std::int64_t> ns) {
  return ns ? std::optional(static_cast<double>(*ns) / 1e9) : std::nullopt;
}

std::optional<double> Number(std::optional<std::int64_t> value) {
  return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

void CollectCounters(const Counters& counters, base::Sample& out) {
  const Exported rows[] = {
      {"fraud_model_cpu_usage_seconds_total", "CPU time used by the model",
       Seconds(counters.usage_ns)},
      {"fraud_model_cpu_periods_total", "enforcement periods of the CPU limit",
       Number(counters.periods)},
      {"fraud_model_cpu_throttled_periods_total", "periods in which the model was throttled",
       Number(counters.throttled_periods)},
      {"fraud_model_cpu_throttled_seconds_total", "time the model spent throttled",
       Seconds(counters.throttled_ns)},
      {"fraud_model_cpu_pressure_waiting_seconds_total",
       "time in which some task of the model waited for a CPU", Seconds(counters.pressure_ns)},
  };
  for (const Exported& row : rows) {
    if (row.value) out.Count(row.name, row.help, {}, *row.value);
  }
}

std::optional<CpuEvidence::Covered> Covered(const std::optional<CpuMean>& mean, base::WallMs to) {
  if (!mean) return std::nullopt;
  return CpuEvidence::Covered{.from_ms = to - mean->covered.count(), .to_ms = to};
}

}  // namespace

// A group without a limit of its own has no periods to be throttled in.
bool CpuEvidence::HeldBackFromOutside() const {
  return pressure_60s.value_or(0) >= kMuchPressure && throttled_60s.value_or(0) < kLittleThrottling;
}

base::Status Sampler::Measure() {
  const auto reading = reader_.Read(*clock_);
  {
    const std::lock_guard lock(mutex_);
    found_ = reading.ok();
    if (reading) window_.Add(*reading);
  }
  return reading ? base::Status() : base::Status(reading.error());
}

void Sampler::Tick() {
  const base::Status status = Measure();
  const std::string problem = status ? "" : status.error().message;
  if (problem == last_problem_) return;
  last_problem_ = problem;
  if (status) {
    const CpuEvidence evidence = Evidence();
    base::log::Info("target_found", {{"source", SourceName(evidence.source)}});
    if (evidence.source == Source::kProc) {
      base::log::Warning("cpu_from_proc_alone",
                         {{"effect",
                           "one process is measured; its throttling, pressure and memory "
                           "are not known"}});
    }
    if (evidence.limit.kind != Limit::Kind::kCores) {
      base::log::Warning("cpu_limit_not_known",
                         {{"effect", "no utilization is exported and no CPU alert can fire"},
                          {"mend", "give --cpu-limit-cores"}});
    }
  } else {
    base::log::Warning("target_lost", {{"error", problem}});
  }
}

CpuEvidence Sampler::Evidence() const {
  const std::lock_guard lock(mutex_);
  CpuEvidence evidence{.at_ms = clock_->Now(), .target_found = found_};
  const Reading* newest = window_.newest();
  if (!found_ || newest == nullptr) return evidence;
  const auto recent = window_.Mean(kShort);
  const auto minute = window_.Mean(kLong);
  const base::Millis age = std::chrono::duration_cast<base::Millis>(clock_->Steady() - newest->at);
  evidence.covered_15s = Covered(recent, evidence.at_ms - age.count());
  evidence.covered_60s = Covered(minute, evidence.at_ms - age.count());
  evidence.source = newest->identity.source;
  evidence.limit = newest->limit;
  evidence.memory = newest->memory;
  evidence.utilization_15s = OfLimit(recent, newest->limit);
  evidence.utilization_60s = OfLimit(minute, newest->limit);
  if (recent) evidence.used_cores_15s = recent->used_cores;
  if (minute) {
    evidence.throttled_60s = minute->throttled_ratio;
    evidence.pressure_60s = minute->pressure_ratio;
  }
  return evidence;
}

void Sampler::Collect(base::Sample& out) const {
  const CpuEvidence evidence = Evidence();
  out.Gauge("fraud_model_target_found", "1 while the model's CPU can be read, else 0", {},
            evidence.target_found ? 1 : 0);
  if (!evidence.target_found) return;
  Counters counters;
  {
    const std::lock_guard lock(mutex_);
    counters = window_.newest()->counters;
  }
  CollectCounters(counters, out);
  out.Gauge("fraud_model_cpu_source_info", "where the CPU figures come from",
            {{"source", std::string(SourceName(evidence.source))}}, 1);
  const bool limited = evidence.limit.kind == Limit::Kind::kCores;
  const Exported gauges[] = {
      {"fraud_model_cpu_limit_cores", "CPU limit of the model",
       limited ? std::optional(evidence.limit.cores) : std::nullopt},
      {"fraud_model_cpu_utilization_ratio", "CPU used of the limit, mean of the last 15 s",
       evidence.utilization_15s},
      {"fraud_model_memory_working_set_bytes", "memory used without inactive file cache",
       Number(evidence.memory.working_set_bytes)},
      {"fraud_model_memory_limit_bytes", "memory limit of the model",
       Number(evidence.memory.limit_bytes)},
  };
  for (const Exported& row : gauges) {
    if (row.value) out.Gauge(row.name, row.help, {}, *row.value);
  }
}

}  // namespace sidecar::cgroup
