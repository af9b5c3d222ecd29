#include "bench/load/report.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace load {
namespace {

using json = nlohmann::ordered_json;

double Seconds(Nanos span) { return std::chrono::duration<double>(span).count(); }

// Three digits behind the point: more would feign precision.
double Rounded(double value) { return static_cast<double>(std::llround(value * 1000)) / 1000; }

json Ms(std::optional<Nanos> span) {
  return span ? json(Rounded(Seconds(*span) * 1000)) : json(nullptr);
}

json Percentiles(const Histogram& histogram) {
  return {{"p50", Ms(histogram.Percentile(0.5))},
          {"p90", Ms(histogram.Percentile(0.9))},
          {"p99", Ms(histogram.Percentile(0.99))},
          {"p999", Ms(histogram.Percentile(0.999))},
          {"max", Ms(histogram.Max())}};
}

json ByCode(const Codes& codes) {
  json counts = json::object();
  for (std::size_t code = 0; code < codes.size(); ++code) {
    if (codes.at(code) > 0) counts[std::to_string(code)] = codes.at(code);
  }
  return counts;
}

json PhaseJson(const PhaseTally& phase, Nanos good_within) {
  const Counts& counts = phase.counts;
  return {{"target_rps", phase.target_rps},
          {"seconds", Rounded(Seconds(phase.lasted))},
          {"scheduled", counts.scheduled},
          {"offered", counts.offered},
          {"offered_rps", Rounded(OfferedRps(phase))},
          {"sent", counts.sent},
          {"answered", counts.answered},
          {"served", Served(phase.codes)},
          {"shed", Shed(phase.codes)},
          {"timed_out", counts.timed_out},
          {"failed", counts.failed},
          {"unfinished", counts.unfinished},
          {"not_sent", counts.not_sent()},
          {"not_sent_reason",
           {{"connections", counts.no_connection},
            {"late", counts.late},
            {"no_target", counts.no_target}}},
          {"codes", ByCode(phase.codes)},
          {"from_schedule_ms", Percentiles(phase.from_schedule)},
          {"from_send_ms", Percentiles(phase.from_send)},
          {"schedule_error_ms", Percentiles(phase.schedule_error)},
          {"good", counts.good},
          {"generator_limited", GeneratorLimited(phase, good_within)}};
}

json Totals(const std::vector<PhaseTally>& phases) {
  Counts sum;
  std::uint64_t served = 0;
  std::uint64_t shed = 0;
  for (const PhaseTally& phase : phases) {
    for (auto member : {&Counts::scheduled, &Counts::offered, &Counts::sent, &Counts::answered,
                        &Counts::timed_out, &Counts::failed, &Counts::unfinished, &Counts::late,
                        &Counts::no_connection, &Counts::no_target}) {
      sum.*member += phase.counts.*member;
    }
    served += Served(phase.codes);
    shed += Shed(phase.codes);
  }
  return {{"scheduled", sum.scheduled}, {"offered", sum.offered}, {"sent", sum.sent},
          {"answered", sum.answered},   {"served", served},       {"shed", shed},
          {"timed_out", sum.timed_out}, {"failed", sum.failed},   {"unfinished", sum.unfinished},
          {"not_sent", sum.not_sent()}};
}

json Time(std::optional<base::WallMs> at) {
  return at ? json(base::FormatUtc(*at)) : json(nullptr);
}

json AlertJson(const AlertTimes& times) {
  return {{"prometheus_pending_at", Time(times.prometheus_pending_at)},
          {"prometheus_firing_at", Time(times.prometheus_firing_at)},
          {"alertmanager_at", Time(times.alertmanager_at)},
          {"history_at", Time(times.history_at)},
          {"told_at", Time(times.told_at)}};
}

}  // namespace

double OfferedRps(const PhaseTally& phase) {
  const double seconds = Seconds(phase.lasted);
  return seconds > 0 ? static_cast<double>(phase.counts.offered) / seconds : 0;
}

std::string ReportJson(const Report& report) {
  json phases = json::array();
  double offered_max = 0;
  bool limited = false;
  for (const PhaseTally& phase : report.phases) {
    phases.push_back(PhaseJson(phase, report.good_within));
    offered_max = std::max(offered_max, OfferedRps(phase));
    limited = limited || GeneratorLimited(phase, report.good_within);
  }
  const json whole = {{"result", report.result},
                      {"problem", report.problem.empty() ? json() : json(report.problem)},
                      {"arrivals", report.arrivals},
                      {"connections", report.connections},
                      {"phases", phases},
                      {"totals", Totals(report.phases)},
                      {"offered_rps_max", Rounded(offered_max)},
                      {"generator_limited", limited},
                      {"alert", AlertJson(report.alert)}};
  return whole.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

base::Status WriteReport(const std::string& path, const std::string& text) {
  const std::string part = path + ".part";
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return base::ErrnoError("writing " + part, errno);
  std::error_code problem;
  std::filesystem::rename(part, path, problem);
  if (problem) return base::ErrnoError("renaming to " + path, problem.value());
  return {};
}

}  // namespace load
