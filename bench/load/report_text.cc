#include <cstdio>
#include <cstring>

#include "bench/load/report.h"

// What a person reads of a run: the progress line and the table.
namespace load {
namespace {

double Seconds(Nanos span) { return std::chrono::duration<double>(span).count(); }

std::string MsText(std::optional<Nanos> span) {
  if (!span) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", Seconds(*span) * 1000);
  return text;
}

double PerSecond(std::uint64_t count, Nanos span) {
  return span > Nanos(0) ? static_cast<double>(count) / Seconds(span) : 0;
}

std::string TableLine(const PhaseTally& phase, bool limited) {
  const Counts& counts = phase.counts;
  char text[256];
  std::snprintf(
      text, sizeof text, "%9d %8.1f %9.1f %9llu %8llu %8llu %8llu %8llu %8llu %9s %9s %9s %9s%s\n",
      phase.target_rps, Seconds(phase.lasted), OfferedRps(phase),
      static_cast<unsigned long long>(Served(phase.codes)),
      static_cast<unsigned long long>(Shed(phase.codes)),
      static_cast<unsigned long long>(counts.answered - Served(phase.codes) - Shed(phase.codes)),
      static_cast<unsigned long long>(counts.timed_out),
      static_cast<unsigned long long>(counts.failed),
      static_cast<unsigned long long>(counts.not_sent()),
      MsText(phase.from_schedule.Percentile(0.5)).c_str(),
      MsText(phase.from_schedule.Percentile(0.99)).c_str(),
      MsText(phase.from_schedule.Max()).c_str(),
      MsText(phase.schedule_error.Percentile(0.99)).c_str(), limited ? " !" : "");
  if (counts.unfinished == 0) return text;
  const std::string line(text, std::strlen(text) - 1);
  return line + "  (" + std::to_string(counts.unfinished) + " unanswered at the end)\n";
}

}  // namespace

std::string ReportTable(const Report& report) {
  std::string table =
      " target/s  seconds offered/s       2xx shed 503    other timedout   failed not sent    p50 "
      "ms    "
      "p99 ms    max ms error p99\n";
  std::string limited;
  for (std::size_t i = 0; i < report.phases.size(); ++i) {
    const bool ours = GeneratorLimited(report.phases[i], report.good_within);
    table += TableLine(report.phases[i], ours);
    if (ours) limited += (limited.empty() ? "" : ", ") + std::to_string(i + 1);
  }
  table +=
      "other: answers such as 422 for malformed rows; p50, p99 and max: of answers, from when they "
      "were due; error: of the sending itself\n";
  if (!limited.empty()) {
    table += "the generator, not the service, was the limit in phase " + limited + "\n";
  }
  return table;
}

std::string ProgressLine(std::size_t phase, std::size_t phases, const PhaseTally& recent,
                         const std::string& alert) {
  char text[256];
  std::snprintf(
      text, sizeof text,
      "phase %zu/%zu %d/s: offered %.0f/s, served %.0f/s, shed %.0f/s, timed out %llu, "
      "failed %llu, p99 %s ms",
      phase + 1, phases, recent.target_rps, PerSecond(recent.counts.offered, recent.lasted),
      PerSecond(Served(recent.codes), recent.lasted), PerSecond(Shed(recent.codes), recent.lasted),
      static_cast<unsigned long long>(recent.counts.timed_out),
      static_cast<unsigned long long>(recent.counts.failed),
      MsText(recent.from_schedule.Percentile(0.99)).c_str());
  std::string line = text;
  const auto not_sent = recent.counts.not_sent();
  if (not_sent > 0) line += ", not sent " + std::to_string(not_sent);
  return alert.empty() ? line : line + ", alert " + alert;
}

}  // namespace load
