#include "sidecar/message/render.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/message/json_text.h"

namespace sidecar::message {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string OneLine(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

std::string Html(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string Percent(double ratio) { return std::to_string(std::lround(ratio * 100)) + " %"; }

std::string Cores(double cores) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%.3g cores", cores);
  return text.data();
}

std::string Lasted(base::WallMs from, base::WallMs to) {
  const auto seconds = (to - from) / 1000;
  const auto hours = seconds / 3600;
  const auto minutes = seconds / 60 % 60;
  std::string text;
  if (hours > 0) text += std::to_string(hours) + " h ";
  if (hours > 0 || minutes > 0) text += std::to_string(minutes) + " min ";
  return text + std::to_string(seconds % 60) + " s";
}

std::string Annotation(const Facts& facts, const std::string& name) {
  const auto found = facts.annotations.find(name);
  return found == facts.annotations.end() ? "" : Cut(found->second, kMaxValue);
}

void AddEvidence(const Facts& facts, Rows* rows) {
  const cgroup::CpuEvidence& evidence = facts.evidence;
  std::string text;
  if (evidence.utilization_15s) {
    text = Percent(*evidence.utilization_15s) + " of its limit of " + Cores(evidence.limit.cores) +
           " (mean of 15 s)";
  } else if (evidence.used_cores_15s) {
    text = Cores(*evidence.used_cores_15s) + " (mean of 15 s)";
  }
  if (evidence.throttled_60s) {
    text += ", throttled in " + Percent(*evidence.throttled_60s) + " of periods (1 min)";
  }
  if (evidence.pressure_60s) {
    text += ", tasks waited " + Percent(*evidence.pressure_60s) + " of the time (1 min)";
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

void AddAnnotations(const Facts& facts, Rows* rows) {
  for (const auto& [name, value] : facts.annotations) {
    const bool leads = name == "summary" || name == "description";
    if (!leads && !IsFigure(name) && !value.empty()) rows->emplace_back(Title(name), value);
  }
}

void AddLabels(const Facts& facts, Rows* rows) {
  std::string labels;
  for (const auto& [name, value] : facts.labels) {
    if (name == "alertname" || name == "severity") continue;
    labels += (labels.empty() ? "" : ", ") + name + "=" + value;
  }
  if (!labels.empty()) rows->emplace_back("Labels", labels);
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
  if (facts.past_week > 0) {
    rows.emplace_back("Before", std::to_string(facts.past_week) + " times in the last 7 days");
  }
  const std::string id = std::to_string(facts.episode_id);
  const std::string link = "/api/v1/alerts/" + id;
  if (facts.episode_id != 0) {
    rows.emplace_back("Episode", facts.public_url.empty() ? id : facts.public_url + link);
  }
  if (!facts.not_recorded.empty()) {
    rows.emplace_back("History", "not recorded: " + facts.not_recorded);
  }
  AddAnnotations(facts, &rows);
  AddLabels(facts, &rows);
  for (auto& [name, value] : rows) value = Cut(value, kMaxValue);
  return rows;
}

// A link of several hundred characters, which would fill a telephone: for HTML, where it can hide.
Rows Links(const Facts& facts) {
  if (facts.generator_url.empty()) return {};
  return {{"Expression", Cut(facts.generator_url, kMaxValue)}};
}

// The plain text, and what of it is bold: the headline and the rows' names.
void AddText(const std::string& headline, const std::vector<std::string>& paragraphs,
             const Rows& rows, notifier::Message* message) {
  std::string& text = message->text;
  message->bold.reserve(rows.size() + 1);
  message->bold.push_back({0, headline.size()});
  text = headline + "\n";
  for (const std::string& paragraph : paragraphs) text += "\n" + paragraph + "\n";
  if (!rows.empty()) text += "\n";
  for (const auto& [name, value] : rows) {
    message->bold.push_back({text.size(), text.size() + name.size() + 1});
    text += name + ": " + value + "\n";
  }
}

std::string HtmlValue(const std::string& value) {
  const bool link = value.starts_with("http://") || value.starts_with("https://");
  const std::string safe = Html(value);
  return link ? "<a href=\"" + safe + "\">" + safe + "</a>" : safe;
}

std::string HtmlText(const std::string& headline, const std::vector<std::string>& paragraphs,
                     const Rows& rows, const char* color) {
  std::string html = "<!DOCTYPE html><html><body style=\"font-family:sans-serif\">";
  html += std::string("<h2 style=\"color:") + color + "\">" + Html(headline) + "</h2>";
  for (const std::string& paragraph : paragraphs) html += "<p>" + Html(paragraph) + "</p>";
  html += "<table cellpadding=\"4\">";
  for (const auto& [name, value] : rows) {
    html += "<tr><td valign=\"top\"><b>" + Html(name) + "</b></td><td>" + HtmlValue(value) +
            "</td></tr>\n";
  }
  return html + "</table></body></html>\n";
}

notifier::Message Compose(const std::string& subject, const std::string& headline,
                          const std::vector<std::string>& paragraphs, const Rows& rows,
                          const Rows& links, const char* color) {
  Rows all = rows;
  all.insert(all.end(), links.begin(), links.end());
  notifier::Message message{.subject = Cut(OneLine(subject), kMaxSubject),
                            .html = HtmlText(headline, paragraphs, all, color)};
  AddText(headline, paragraphs, rows, &message);
  return message;
}

}  // namespace

notifier::Message Render(const Facts& facts) {
  const std::string word = facts.firing ? "FIRING" : "RESOLVED";
  const std::string severity = facts.severity.empty() ? "" : " (" + facts.severity + ")";
  const std::string summary = Annotation(facts, "summary");
  std::vector<std::string> paragraphs;
  // What is over must not read like an alarm.
  const std::string was = facts.firing ? "" : "was: ";
  if (!summary.empty()) paragraphs.push_back(was + summary);
  // It speaks of the present.
  const std::string description = Annotation(facts, "description");
  if (facts.firing && !description.empty()) paragraphs.push_back(description);
  // Prometheus names each alert; another sender need not.
  const std::string name =
      facts.name.empty() ? "alert without a name" : Cut(facts.name, kMaxSubject);
  auto message = Compose("[" + word + "] " + name +
                             (summary.empty() ? "" : (facts.firing ? ": " : ", ") + was + summary),
                         word + ": " + name + severity, paragraphs, Table(facts), Links(facts),
                         facts.firing ? "#b00020" : "#1b5e20");
  message.severity = facts.severity;
  message.urgent = facts.firing && facts.severity == "critical";
  return message;
}

notifier::Message RenderTest(const std::string& sidecar_name, base::WallMs now) {
  auto message = Compose("[TEST] " + sidecar_name + " can reach you", "Test notification, no alert",
                         {"If you can read this, alerts reach you."},
                         {{"Sent by", sidecar_name}, {"At", base::FormatUtc(now)}}, {}, "#0d47a1");
  message.created_at_ms = now;
  return message;
}

}  // namespace sidecar::message
