#include "sidecar/webhook/storm.h"

#include <algorithm>
#include <utility>

#include "sidecar/message/json_text.h"
#include "sidecar/message/summary.h"
#include "sidecar/store/untold.h"
#include "sidecar/webhook/recorder.h"

namespace sidecar::webhook {
namespace {

using store::EpisodeRow;

base::Result<std::int64_t> AddTransition(const Round& round, std::int64_t episode_id,
                                         const std::string& kind, base::WallMs at_ms) {
  const store::TransitionRow transition{.kind = kind,
                                        .at_ms = at_ms,
                                        .received_at_ms = round.now,
                                        .evidence_json = message::EvidenceJson(round.evidence)};
  return store::AddTransition(round.database, episode_id, transition, std::nullopt);
}

base::Result<EpisodeRow> OpenStorm(const Round& round, base::WallMs began) {
  EpisodeRow episode{
      .source = kOwnSource,
      .fingerprint = kStormFingerprint,
      .name = "AlertStorm",
      .severity = "info",
      .labels_json = message::LabelsJson({{"alertname", "AlertStorm"}, {"severity", "info"}}),
      .starts_at_ms = std::min(began, round.now),
      .first_seen_ms = round.now,
      .last_seen_ms = round.now};
  const auto id = store::AddEpisode(round.database, episode);
  if (!id) return id.error();
  episode.id = *id;
  const auto opened = AddTransition(round, *id, "firing", episode.starts_at_ms);
  if (!opened) return opened.error();
  return episode;
}

// The episode that the summary of `storm` belongs to.
base::Result<EpisodeRow> EpisodeFor(const Round& round, const StormView& view,
                                    const store::Storm& storm) {
  if (view.episode && !view.episode->ended_at_ms) return *view.episode;
  const auto exceeded = IsStorm(round.database, round.policy, round.now);
  if (!exceeded) return exceeded.error();
  const bool aftermath = view.episode && storm.firing == 0 && !*exceeded;
  if (aftermath) return *view.episode;
  return OpenStorm(round, storm.oldest_ms.value_or(round.now));
}

base::Status Tell(const Round& round, const EpisodeRow& episode, const std::string& kind,
                  message::SummaryFacts facts) {
  const auto transition = AddTransition(round, episode.id, kind, round.now);
  if (!transition) return transition.error();
  facts.episode_id = episode.id;
  facts.sidecar_name = round.policy.sidecar_name;
  facts.public_url = round.policy.public_url;
  return AddForTargets(round, message::RenderSummary(facts), episode.id, *transition);
}

}  // namespace

base::Result<bool> IsStorm(const store::Database& database, const Policy& policy,
                           base::WallMs now) {
  const store::Heed heed{.severities = policy.notify_severities, .enough = policy.storm_above + 1};
  const auto count = store::CountToldOf(database, heed, now - kStormWindow.count(), now);
  if (!count) return count.error();
  return *count > policy.storm_above;
}

StormAct NextStormAct(const StormView& view, base::WallMs now) {
  const auto passed = [now](base::WallMs since, base::Millis wait) {
    return since > now || now - since >= wait.count();
  };
  if (view.oldest_ms) {
    const bool first = passed(*view.oldest_ms, kFirstSummary);
    const bool next = !view.last_told_ms || passed(*view.last_told_ms, kSummaryEvery);
    return first && next ? StormAct::kSummarise : StormAct::kNothing;
  }
  const bool open = view.episode && !view.episode->ended_at_ms;
  return open && passed(view.exceeded_ms, kStormEnds) ? StormAct::kEnd : StormAct::kNothing;
}

base::Status Summarise(const Round& round, const StormView& view) {
  const auto storm = store::SummariseStorm(round.database);
  if (!storm) return storm.error();
  if (!storm->oldest_ms) return {};
  const auto episode = EpisodeFor(round, view, *storm);
  if (!episode) return episode.error();
  message::SummaryFacts facts{.firing = storm->firing,
                              .ended = storm->ended,
                              .names = storm->names,
                              .since_ms = *storm->oldest_ms};
  facts.top.reserve(storm->top.size());
  for (const auto& [name, firing, ended] : storm->top) facts.top.push_back({name, firing, ended});
  if (auto told = Tell(round, *episode, "summary", std::move(facts)); !told) return told;
  return store::MarkStormTold(round.database, round.now);
}

base::Status EndStorm(const Round& round, const EpisodeRow& episode) {
  auto ended = store::EndEpisode(round.database, episode.id, round.now, "resolved", round.now);
  if (!ended) return ended;
  return Tell(round, episode, "resolved", {.since_ms = episode.starts_at_ms, .over = true});
}

}  // namespace sidecar::webhook
