#include "sidecar/message/summary.h"

#include "sidecar/message/compose.h"
#include "sidecar/message/json_text.h"
#include "sidecar/message/rows.h"

namespace sidecar::message {
namespace {

std::string Counts(std::int64_t firing, std::int64_t ended) {
  std::string text;
  if (firing > 0) text = std::to_string(firing) + " firing";
  if (ended > 0) text += (text.empty() ? "" : ", ") + std::to_string(ended) + " ended";
  return text;
}

Rows Names(const SummaryFacts& facts) {
  Rows rows;
  rows.reserve(facts.top.size() + 4);
  for (const SummaryName& each : facts.top) {
    rows.emplace_back(each.name.empty() ? "alert without a name" : Cut(each.name, kMaxSubject),
                      Counts(each.firing, each.ended));
  }
  const auto more = facts.names - static_cast<std::int64_t>(facts.top.size());
  if (more > 0) rows.emplace_back("More", std::to_string(more) + " other names");
  return rows;
}

}  // namespace

notifier::Message RenderSummary(const SummaryFacts& facts) {
  const std::string counts = Counts(facts.firing, facts.ended);
  Rows rows = Names(facts);
  rows.emplace_back(facts.over ? "Began" : "Since", base::FormatUtc(facts.since_ms));
  if (facts.public_url.empty() && !facts.sidecar_name.empty()) {
    rows.emplace_back("Told by", facts.sidecar_name);
  }
  if (!facts.public_url.empty()) {
    rows.emplace_back("Firing now", facts.public_url + "/api/v1/alerts?state=open");
    rows.emplace_back("Storm", EpisodeUrl(facts.public_url, facts.episode_id));
  }
  if (facts.over) {
    return Compose("[STORM OVER] alerts come singly again", "STORM OVER",
                   {"Alerts are told of one by one again."}, rows, {}, "#1b5e20");
  }
  auto message =
      Compose("[STORM] " + counts, "STORM: " + counts,
              {"So many alerts at once are told of in one message a minute. Critical ones still "
               "come one by one."},
              rows, {}, "#b00020");
  message.severity = "info";
  return message;
}

}  // namespace sidecar::message
