#include "sidecar/webhook/recorder.h"

#include <algorithm>
#include <utility>

#include "sidecar/message/json_text.h"
#include "sidecar/store/messages.h"

namespace sidecar::webhook {
namespace {

using store::EpisodeRow;

EpisodeRow NewEpisode(const Alert& alert, const Origin& origin) {
  return {.source = origin.source,
          .fingerprint = alert.fingerprint,
          .name = alert.Label("alertname"),
          .severity = alert.Label("severity"),
          .labels_json = message::LabelsJson(alert.labels),
          .annotations_json = message::LabelsJson(alert.annotations),
          .generator_url = alert.generator_url,
          .starts_at_ms = alert.starts_at_ms,
          .first_seen_ms = origin.now,
          .last_seen_ms = origin.now,
          .late = origin.late};
}

}  // namespace

Alert AlertOf(const EpisodeRow& episode) {
  return {.firing = !episode.ended_at_ms,
          .fingerprint = episode.fingerprint,
          .labels = message::ParseLabels(episode.labels_json),
          .annotations = message::ParseLabels(episode.annotations_json),
          .generator_url = episode.generator_url,
          .starts_at_ms = episode.starts_at_ms,
          .ends_at_ms = episode.ended_at_ms};
}

Recorder::Recorder(const store::Database* database, std::string instance, const Policy* policy,
                   Origin origin)
    : database_(*database),
      instance_(std::move(instance)),
      policy_(*policy),
      origin_(std::move(origin)) {}

base::Status Recorder::Announce() {
  SortByUrgency(&announcements_);
  for (const Announcement& each : announcements_) {
    auto announced =
        webhook::Announce(database_, instance_, policy_, each, origin_.evidence, origin_.now);
    if (!announced) return announced;
  }
  return {};
}

base::Status Recorder::Apply(const Alert& alert) {
  const auto row = store::LatestEpisode(database_, origin_.source, alert.fingerprint);
  if (!row) return row.error();
  std::optional<Latest> latest;
  if (*row) {
    latest = Latest{.id = (*row)->id,
                    .starts_at_ms = (*row)->starts_at_ms,
                    .last_seen_ms = (*row)->last_seen_ms,
                    .open = !(*row)->ended_at_ms.has_value()};
  }
  const Step step = NextStep(latest, alert);
  ++steps_[step];
  switch (step) {
    case Step::kOpen:
      return Open(alert);
    case Step::kReopen: {
      auto vanished = Vanish(**row);
      return vanished ? Open(alert) : vanished;
    }
    case Step::kRepeat:
      return store::FoldRepeat(database_, latest->id, alert.starts_at_ms, origin_.now);
    case Step::kEnd:
      return End(alert, **row);
    case Step::kStale:
      return {};
  }
  return {};
}

base::Status Recorder::EndByAbsence(const EpisodeRow& episode, base::WallMs ended_at_ms,
                                    const std::string& reason) {
  EpisodeRow ended = episode;
  ended.ended_at_ms = std::max(ended_at_ms, episode.starts_at_ms);
  ended.end_reason = reason;
  auto stored = store::EndEpisode(database_, episode.id, *ended.ended_at_ms, reason, 0);
  return stored ? AddTransition(AlertOf(ended), ended) : stored;
}

base::Status Recorder::Open(const Alert& alert) {
  if (auto hurried = store::HurryEarlier(database_, origin_.source, alert.fingerprint); !hurried) {
    return hurried;
  }
  EpisodeRow episode = NewEpisode(alert, origin_);
  const auto id = store::AddEpisode(database_, episode);
  if (!id) return id.error();
  episode.id = *id;
  return AddTransition(alert, episode);
}

base::Status Recorder::End(const Alert& alert, EpisodeRow episode) {
  episode.ended_at_ms = std::max(alert.ends_at_ms.value_or(origin_.now), episode.starts_at_ms);
  auto ended =
      store::EndEpisode(database_, episode.id, *episode.ended_at_ms, "resolved", origin_.now);
  return ended ? AddTransition(alert, episode) : ended;
}

// Ends an episode whose end was never told, when it was last heard of. Nobody is told: the new
// episode's message follows.
base::Status Recorder::Vanish(const EpisodeRow& episode) {
  auto ended = store::EndEpisode(database_, episode.id, episode.last_seen_ms, "vanished", 0);
  if (!ended) return ended;
  const store::TransitionRow transition{.kind = "vanished",
                                        .at_ms = episode.last_seen_ms,
                                        .received_at_ms = origin_.now,
                                        .evidence_json = message::EvidenceJson(origin_.evidence)};
  const auto id = store::AddTransition(database_, episode.id, transition, origin_.webhook_id);
  return id ? base::Status() : base::Status(id.error());
}

base::Status Recorder::AddTransition(const Alert& alert, const EpisodeRow& episode) {
  const store::TransitionRow transition{
      .kind = alert.firing                 ? "firing"
              : episode.end_reason.empty() ? "resolved"
                                           : episode.end_reason,
      .at_ms = alert.firing ? episode.starts_at_ms : *episode.ended_at_ms,
      .received_at_ms = origin_.now,
      .evidence_json = message::EvidenceJson(origin_.evidence)};
  const auto id = store::AddTransition(database_, episode.id, transition, origin_.webhook_id);
  if (!id) return id.error();
  if (policy_.notify_severities.contains(episode.severity)) {
    announcements_.push_back({alert, episode, *id});
  }
  return {};
}

}  // namespace sidecar::webhook
