#include "sidecar/message/rows.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "sidecar/message/json_text.h"

namespace sidecar::message {
namespace {

std::string Percent(double ratio) { return std::to_string(std::lround(ratio * 100)) + " %"; }

std::string Cores(double cores) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%.3g cores", cores);
  return text.data();
}

// " (mean of 15 s)", or of what there is while the target is new.
std::string Over(const std::string& what,
                 const std::optional<cgroup::CpuEvidence::Covered>& covered) {
  if (!covered) return "";
  const auto seconds = std::lround(static_cast<double>(covered->to_ms - covered->from_ms) / 1000);
  return " (" + what + (seconds == 60 ? "1 min" : std::to_string(seconds) + " s") + ")";
}

void AddEvidence(const Facts& facts, Rows* rows) {
  const cgroup::CpuEvidence& evidence = facts.evidence;
  const std::string minute = Over("", evidence.covered_60s);
  std::string text;
  if (evidence.utilization_15s) {
    text = Percent(*evidence.utilization_15s) + " of its limit of " + Cores(evidence.limit.cores);
  } else if (evidence.used_cores_15s) {
    text = Cores(*evidence.used_cores_15s);
  }
  if (!text.empty()) text += Over("mean of ", evidence.covered_15s);
  if (evidence.throttled_60s) {
    text += ", throttled in " + Percent(*evidence.throttled_60s) + " of periods" + minute;
  }
  if (evidence.pressure_60s) {
    text += ", tasks waited " + Percent(*evidence.pressure_60s) + " of the time" + minute;
  }
  if (evidence.HeldBackFromOutside()) {
    text += " though no limit of its own held them back: the node is full, or its pod is limited";
  }
  if (text.starts_with(", ")) text.erase(0, 2);
  // In a fleet, whose.
  const std::string name = facts.sidecar_name.empty() ? "" : " beside " + facts.sidecar_name;
  if (evidence.target_found && !text.empty()) rows->emplace_back("CPU of the model" + name, text);
}

// "hottest_pods" as a person writes it.
std::string Title(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  if (!name.empty()) name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return name;
}

// The fleet's figures, which the rule asked for, in the order in which a person wants them.
constexpr std::array<std::string_view, 5> kFigures = {"replicas", "hottest_pods", "requests",
                                                      "shed", "throttled"};

bool IsFigure(const std::string& name) {
  return std::find(kFigures.begin(), kFigures.end(), name) != kFigures.end();
}

// A resolved alert brings those of its last evaluation, when nearly all was over: they would
// belittle the attack.
void AddFigures(const Facts& facts, Rows* rows) {
  if (!facts.firing) return;
  for (const std::string_view name : kFigures) {
    const auto found = facts.annotations.find(std::string(name));
    if (found == facts.annotations.end() || found->second.empty()) continue;
    rows->emplace_back(Title(found->first), found->second);
  }
}

// At most kMaxAnnotations: a rule, or who imitates Alertmanager, may write thousands.
void AddAnnotations(const Facts& facts, Rows* rows) {
  constexpr std::size_t kMaxAnnotations = 20;
  std::size_t all = 0;
  for (const auto& [name, value] : facts.annotations) {
    const bool leads = name == "summary" || name == "description";
    if (leads || IsFigure(name) || value.empty()) continue;
    if (++all <= kMaxAnnotations) rows->emplace_back(Title(Cut(name, kMaxSubject)), value);
  }
  if (all > kMaxAnnotations) {
    rows->emplace_back("More", std::to_string(all - kMaxAnnotations) + " annotations");
  }
}

void AddLabels(const Facts& facts, Rows* rows) {
  std::string labels;
  for (const auto& [name, value] : facts.labels) {
    if (name == "alertname" || name == "severity") continue;
    labels += (labels.empty() ? "" : ", ") + name + "=" + value;
    if (labels.size() > kMaxValue) break;  // cut below
  }
  if (!labels.empty()) rows->emplace_back("Labels", labels);
}

}  // namespace

std::string Lasted(base::WallMs from, base::WallMs to) {
  const auto seconds = (to - from) / 1000;
  const auto hours = seconds / 3600;
  const auto minutes = seconds / 60 % 60;
  std::string text;
  if (hours > 0) text += std::to_string(hours) + " h ";
  if (hours > 0 || minutes > 0) text += std::to_string(minutes) + " min ";
  return text + std::to_string(seconds % 60) + " s";
}

std::string EpisodeUrl(const std::string& public_url, std::int64_t id) {
  return public_url + "/api/v1/alerts/" + std::to_string(id);
}

Rows Table(const Facts& facts) {
  Rows rows;
  rows.emplace_back("Firing since", base::FormatUtc(facts.starts_at_ms));
  if (facts.ended_at_ms) {
    rows.emplace_back("Ended", base::FormatUtc(*facts.ended_at_ms) + ", after " +
                                   Lasted(facts.starts_at_ms, *facts.ended_at_ms));
  }
  AddFigures(facts, &rows);
  AddEvidence(facts, &rows);
  if (facts.ends_within_hour > 0) {
    rows.emplace_back("Flapping",
                      "it ended " + std::to_string(facts.ends_within_hour) +
                          " times within an hour, so this was kept back until it lasted");
  }
  if (facts.past_week > 0) {
    rows.emplace_back("Before", std::to_string(facts.past_week) + " times in the last 7 days");
  }
  const std::string id = std::to_string(facts.episode_id);
  if (facts.episode_id != 0) {
    const bool link = !facts.public_url.empty();
    rows.emplace_back("Episode", link ? EpisodeUrl(facts.public_url, facts.episode_id) : id);
  }
  if (facts.public_url.empty() && !facts.sidecar_name.empty()) {
    rows.emplace_back("Told by", facts.sidecar_name);
  }
  if (!facts.not_recorded.empty()) {
    rows.emplace_back("History", "not recorded: " + facts.not_recorded);
  }
  AddAnnotations(facts, &rows);
  AddLabels(facts, &rows);
  for (auto& [name, value] : rows) value = Cut(value, kMaxValue);
  return rows;
}

Rows Links(const Facts& facts) {
  if (facts.generator_url.empty()) return {};
  return {{"Expression", Cut(facts.generator_url, kMaxValue)}};
}

}  // namespace sidecar::message
