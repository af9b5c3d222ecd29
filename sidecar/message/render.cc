#include "sidecar/message/render.h"

#include <vector>

#include "sidecar/message/compose.h"
#include "sidecar/message/json_text.h"
#include "sidecar/message/rows.h"

namespace sidecar::message {
namespace {

std::string Annotation(const Facts& facts, const std::string& name) {
  const auto found = facts.annotations.find(name);
  return found == facts.annotations.end() ? "" : Cut(found->second, kMaxValue);
}

// How a message begins.
struct Word {
  const char* word;
  const char* color;
};

Word WordFor(const Facts& facts) {
  if (facts.firing) return {facts.reminder ? "STILL FIRING" : "FIRING", "#b00020"};
  // Nobody knows that it was solved.
  if (facts.end_reason == "silenced" || facts.end_reason == "vanished") return {"ENDED", "#455a64"};
  return {"RESOLVED", "#1b5e20"};
}

// What is not as usual with it; "": nothing.
std::string Circumstance(const Facts& facts) {
  if (facts.firing && facts.late && !facts.reminder) {
    return "Late: found by asking Alertmanager. It began " + base::FormatUtc(facts.starts_at_ms) +
           " and nobody told of it.";
  }
  if (facts.firing) return "";
  if (facts.end_reason == "silenced") {
    return "It ended behind a silence: Alertmanager told nobody.";
  }
  if (facts.end_reason == "vanished") {
    return "No Alertmanager lists it any more; how it ended is unknown.";
  }
  return "";
}

std::vector<std::string> Paragraphs(const Facts& facts, const std::string& summary) {
  std::vector<std::string> paragraphs;
  if (auto said = Circumstance(facts); !said.empty()) paragraphs.push_back(std::move(said));
  // What is over must not read like an alarm.
  if (!summary.empty()) paragraphs.push_back((facts.firing ? "" : "was: ") + summary);
  // It speaks of the present.
  const std::string description = Annotation(facts, "description");
  if (facts.firing && !description.empty()) paragraphs.push_back(description);
  return paragraphs;
}

std::string Subject(const Facts& facts, const std::string& name, const std::string& summary) {
  std::string subject = std::string("[") + WordFor(facts).word + "] " + name;
  if (facts.reminder) subject += ", since " + base::FormatUtc(facts.starts_at_ms);
  if (!summary.empty()) subject += (facts.firing ? ": " : ", was: ") + summary;
  return subject;
}

}  // namespace

notifier::Message Render(const Facts& facts) {
  const auto [word, color] = WordFor(facts);
  const std::string severity = facts.severity.empty() ? "" : " (" + facts.severity + ")";
  const std::string summary = Annotation(facts, "summary");
  // Prometheus names each alert; another sender need not.
  const std::string name =
      facts.name.empty() ? "alert without a name" : Cut(facts.name, kMaxSubject);
  auto message = Compose(Subject(facts, name, summary), std::string(word) + ": " + name + severity,
                         Paragraphs(facts, summary), Table(facts), Links(facts), color);
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
