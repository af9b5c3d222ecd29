#include "sidecar/webhook/recorder.h"

#include <algorithm>
#include <utility>

#include "sidecar/message/json_text.h"
#include "sidecar/store/messages.h"
#include "sidecar/store/untold.h"
#include "sidecar/webhook/storm.h"

namespace sidecar::webhook {
namespace {

using store::EpisodeRow;

constexpr std::size_t kMaxName = 1'024;  // bytes; the raw webhook keeps everything
constexpr std::size_t kMaxUrl = 8'192;

bool IsCritical(const EpisodeRow& episode) { return episode.severity == "critical"; }

EpisodeRow NewEpisode(const Alert& alert, const Origin& origin) {
  return {.source = origin.source,
          .fingerprint = alert.fingerprint,
          .name = message::Cut(alert.Label("alertname"), kMaxName),
          .severity = message::Cut(alert.Label("severity"), kMaxName),
          .labels_json = message::LabelsJson(alert.labels),
          .annotations_json = message::LabelsJson(alert.annotations),
          .generator_url = message::Cut(alert.generator_url, kMaxUrl),
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
      origin_(std::move(origin)),
      evidence_json_(message::EvidenceJson(origin_.evidence)) {}

base::Result<std::optional<Latest>> LatestOf(const store::Database& database,
                                             const std::optional<EpisodeRow>& row) {
  if (!row) return std::optional<Latest>();
  Latest latest{.id = row->id,
                .starts_at_ms = row->starts_at_ms,
                .last_seen_ms = row->last_seen_ms,
                .open = !row->ended_at_ms.has_value()};
  if (latest.open && row->flaps == 0) return std::optional(latest);
  if (latest.open) {
    const auto refired = store::RefiredSince(database, row->id);
    if (!refired) return refired.error();
    latest.refired_ms = refired->value_or(0);
    return std::optional(latest);
  }
  latest.ended_at_ms = *row->ended_at_ms;
  const auto end = store::NewestTransition(database, row->id);
  if (!end) return end.error();
  if (*end) {
    latest.end_stored_ms = (*end)->received_at_ms;
    latest.untold = (*end)->tell != "told";
    latest.said = (*end)->webhook_id.has_value();
  }
  return std::optional(latest);
}

base::Status Recorder::Apply(const Alert& alert) {
  const auto row = store::LatestEpisode(database_, origin_.source, alert.fingerprint);
  if (!row) return row.error();
  const auto latest = LatestOf(database_, *row);
  if (!latest) return latest.error();
  std::optional<Alert> mended;
  if (IsAbsurd(alert.starts_at_ms, origin_.now) ||
      (alert.ends_at_ms && IsAbsurd(*alert.ends_at_ms, origin_.now))) {
    mended = alert;
    DropAbsurdTimes(*latest, origin_.now, &*mended);
  }
  const Alert& sane = mended ? *mended : alert;
  const bool pair = !origin_.late && origin_.source == policy_.pair_source;
  const Step step = NextStep(*latest, sane, pair, origin_.now);
  ++steps_[step];
  return Take(step, sane, *row);
}

base::Status Recorder::Take(Step step, const Alert& alert, const std::optional<EpisodeRow>& row) {
  switch (step) {
    case Step::kOpen:
      return Open(alert, row.has_value());
    case Step::kReopen: {
      auto vanished = Vanish(*row);
      return vanished ? Open(alert, true) : vanished;
    }
    case Step::kRepeat:
    case Step::kTwin:
      return Repeat(alert, *row);
    case Step::kRefire:
      return Refire(alert, *row);
    case Step::kEnd:
      return End(alert, *row);
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

base::Status Recorder::Open(const Alert& alert, bool known) {
  if (known) {
    auto hurried = store::HurryEarlier(database_, origin_.source, alert.fingerprint);
    if (!hurried) return hurried;
  }
  EpisodeRow episode = NewEpisode(alert, origin_);
  const bool told = policy_.notify_severities.contains(episode.severity);
  if (told && (IsCritical(episode) || !IsStormByItself())) episode.reminded_at_ms = origin_.now;
  const auto id = store::AddEpisode(database_, episode);
  if (!id) return id.error();
  episode.id = *id;
  return AddTransition(alert, episode);
}

// A start that lies within the episode before is the late word of a twin about that one.
base::Result<base::WallMs> Recorder::EarliestStart(const Alert& alert,
                                                   const EpisodeRow& episode) const {
  if (alert.starts_at_ms >= episode.starts_at_ms) return episode.starts_at_ms;
  const auto before = store::PreviousEnd(database_, episode);
  if (!before) return before.error();
  return *before && alert.starts_at_ms <= **before ? episode.starts_at_ms : alert.starts_at_ms;
}

base::Status Recorder::Repeat(const Alert& alert, const EpisodeRow& episode) {
  const auto start = EarliestStart(alert, episode);
  if (!start) return start.error();
  return store::FoldRepeat(database_, episode.id, *start, origin_.now);
}

base::Status Recorder::Refire(const Alert& alert, const EpisodeRow& episode) {
  const auto end = store::NewestTransition(database_, episode.id);
  if (!end) return end.error();
  if (*end) {
    if (auto told = store::MarkTold(database_, {(*end)->id}); !told) return told;
  }
  if (auto open = store::Refire(database_, episode.id); !open) return open;
  if (auto counted = Repeat(alert, episode); !counted) return counted;
  return AddSilently(episode, "refired", alert.starts_at_ms);
}

base::Status Recorder::End(const Alert& alert, EpisodeRow episode) {
  const auto start = EarliestStart(alert, episode);
  if (!start) return start.error();
  if (*start < episode.starts_at_ms) {
    if (auto moved = store::MoveStart(database_, episode.id, *start); !moved) return moved;
    episode.starts_at_ms = *start;
  }
  episode.ended_at_ms = std::max(alert.ends_at_ms.value_or(origin_.now), episode.starts_at_ms);
  auto ended =
      store::EndEpisode(database_, episode.id, *episode.ended_at_ms, "resolved", origin_.now);
  return ended ? AddTransition(alert, episode) : ended;
}

// Ends an episode whose end was never told, when it was last heard of. Nobody is told: the new
// episode's message follows.
base::Status Recorder::Vanish(const EpisodeRow& episode) {
  auto ended = store::EndEpisode(database_, episode.id, episode.last_seen_ms, "vanished", 0);
  return ended ? AddSilently(episode, "vanished", episode.last_seen_ms) : ended;
}

base::Status Recorder::AddSilently(const EpisodeRow& episode, const std::string& kind,
                                   base::WallMs at_ms) {
  const store::TransitionRow transition{
      .kind = kind, .at_ms = at_ms, .received_at_ms = origin_.now, .evidence_json = evidence_json_};
  const auto id = store::AddTransition(database_, episode.id, transition, origin_.webhook_id);
  return id ? base::Status() : base::Status(id.error());
}

base::Status Recorder::AddTransition(const Alert& alert, const EpisodeRow& episode) {
  store::TransitionRow transition{
      .kind = alert.firing                 ? "firing"
              : episode.end_reason.empty() ? "resolved"
                                           : episode.end_reason,
      .at_ms = alert.firing ? episode.starts_at_ms : *episode.ended_at_ms,
      .received_at_ms = origin_.now,
      .evidence_json = evidence_json_};
  const bool heeded = policy_.notify_severities.contains(episode.severity);
  if (heeded) {
    if (auto decided = DecideTelling(episode, &transition); !decided) return decided;
    ++told_of_;
  }
  const auto id = store::AddTransition(database_, episode.id, transition, origin_.webhook_id);
  if (!id) return id.error();
  if (heeded && transition.tell == "told") announcements_.push_back({alert, episode, *id});
  return {};
}

base::Status Recorder::DecideTelling(const EpisodeRow& episode,
                                     store::TransitionRow* transition) const {
  const bool single = IsCritical(episode);
  if (episode.ended_at_ms) {
    if (!single && !episode.reminded_at_ms) {
      const auto summary = store::IsFiringInSummary(database_, episode.id);
      if (!summary) return summary.error();
      if (*summary) {
        transition->tell = "storm";
        return {};
      }
    }
    const auto earlier = store::CountEnds(database_, episode.source, episode.fingerprint,
                                          origin_.now - kFlapWindow.count(), origin_.now);
    if (!earlier) return earlier.error();
    if (*earlier > 0) {
      transition->tell = "held";
      transition->tell_at_ms = origin_.now + HoldDown(*earlier).count();
      return {};
    }
  }
  if (!single && IsStormByItself()) transition->tell = "storm";
  return {};
}

base::Status Recorder::LeaveToSummary() {
  std::vector<std::int64_t> transitions;
  transitions.reserve(announcements_.size());
  for (const Announcement& each : announcements_) {
    if (!IsCritical(each.episode)) transitions.push_back(each.transition_id);
  }
  std::erase_if(announcements_, [](const auto& each) { return !IsCritical(each.episode); });
  return store::MarkStorm(database_, transitions);
}

base::Status Recorder::Announce() {
  const bool any = std::any_of(announcements_.begin(), announcements_.end(),
                               [](const auto& each) { return !IsCritical(each.episode); });
  if (any) {
    const auto storm = IsStorm(database_, policy_, origin_.now);
    if (!storm) return storm.error();
    if (*storm) {
      if (auto left = LeaveToSummary(); !left) return left;
    }
  }
  SortByUrgency(&announcements_);
  const Round round{.database = database_,
                    .instance = instance_,
                    .policy = policy_,
                    .evidence = origin_.evidence,
                    .now = origin_.now};
  for (const Announcement& each : announcements_) {
    auto announced = webhook::Announce(round, each);
    if (!announced) return announced;
  }
  return {};
}

}  // namespace sidecar::webhook
