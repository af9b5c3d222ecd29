#include "sidecar/webhook/herald.h"

#include <utility>
#include <vector>

#include "base/log.h"
#include "sidecar/message/json_text.h"
#include "sidecar/store/untold.h"
#include "sidecar/webhook/recorder.h"

namespace sidecar::webhook {
namespace {

base::Status AnnounceHeld(const Round& round, const store::HeldEnd& held) {
  const auto& [episode, transition] = held;
  const base::WallMs recorded = transition.received_at_ms;
  const auto ends = store::CountEnds(round.database, episode.source, episode.fingerprint,
                                     recorded - kFlapWindow.count(), recorded);
  if (!ends) return ends.error();
  return Announce(round, {.alert = AlertOf(episode),
                          .episode = episode,
                          .transition_id = transition.id,
                          .ends_within_hour = *ends});
}

// Whether an end that is not held any longer becomes part of a summary.
base::Result<bool> IsForSummary(const Round& round, const store::EpisodeRow& episode, bool storm) {
  if (episode.severity == "critical") return false;
  if (storm || episode.reminded_at_ms) return storm;
  return store::IsFiringInSummary(round.database, episode.id);
}

base::Status RemindOf(const Round& round, const store::EpisodeRow& episode) {
  const store::TransitionRow transition{.kind = "reminder",
                                        .at_ms = round.now,
                                        .received_at_ms = round.now,
                                        .evidence_json = message::EvidenceJson(round.evidence)};
  const auto id = store::AddTransition(round.database, episode.id, transition, std::nullopt);
  if (!id) return id.error();
  auto told = Announce(
      round,
      {.alert = AlertOf(episode), .episode = episode, .transition_id = *id, .reminder = true});
  return told ? store::NoteReminded(round.database, episode.id, round.now) : told;
}

}  // namespace

base::Status ReleaseHeld(const Round& round) {
  const auto due = store::DueHeld(round.database, round.now, kMostARound);
  if (!due) return due.error();
  const auto exceeded = IsStorm(round.database, round.policy, round.now);
  if (!exceeded) return exceeded.error();
  const bool storm = *exceeded || static_cast<std::int64_t>(due->size()) > round.policy.storm_above;
  std::vector<std::int64_t> told;
  std::vector<std::int64_t> left;
  told.reserve(due->size());
  left.reserve(due->size());
  for (const store::HeldEnd& held : *due) {
    const auto summary = IsForSummary(round, held.episode, storm);
    if (!summary) return summary.error();
    if (*summary) {
      left.push_back(held.transition.id);
      continue;
    }
    if (auto announced = AnnounceHeld(round, held); !announced) return announced;
    told.push_back(held.transition.id);
  }
  auto marked = store::MarkTold(round.database, told);
  return marked ? store::MarkStorm(round.database, left) : marked;
}

base::Status Remind(const Round& round) {
  const Policy& policy = round.policy;
  const auto due = store::DueReminders(round.database, policy.notify_severities,
                                       policy.remind_every, round.now, kMostReminders);
  if (!due) return due.error();
  for (const store::EpisodeRow& episode : *due) {
    if (auto told = RemindOf(round, episode); !told) return told;
  }
  return {};
}

Herald::Herald(store::Store* store, const cgroup::Sampler* sampler, base::Metrics* metrics,
               Policy policy, std::function<void()> wake)
    : store_(store), sampler_(sampler), policy_(std::move(policy)), wake_(std::move(wake)) {
  metrics->AddCollector([this](base::Sample& out) {
    out.Gauge("fraud_sidecar_storm", "1 while alerts that are not critical come as summaries", {},
              storm_ ? 1 : 0);
  });
}

base::Status Herald::LookAtStorm(const store::Database& database, base::WallMs now, Due* due) {
  StormView& view = due->view;
  const auto oldest = store::OldestInStorm(database);
  if (!oldest) return oldest.error();
  view.oldest_ms = *oldest;
  auto episode = store::LatestEpisode(database, kOwnSource, kStormFingerprint);
  if (!episode) return episode.error();
  view.episode = std::move(*episode);
  if (!view.episode) {
    due->storm = NextStormAct(view, now);
    return {};
  }
  const auto newest = store::NewestTransition(database, view.episode->id);
  if (!newest) return newest.error();
  if (*newest) view.last_told_ms = (*newest)->received_at_ms;
  if (!view.episode->ended_at_ms) {
    const auto exceeded = IsStorm(database, policy_, now);
    if (!exceeded) return exceeded.error();
    if (*exceeded || !exceeded_ms_) exceeded_ms_ = now;
  }
  view.exceeded_ms = exceeded_ms_.value_or(now);
  due->storm = NextStormAct(view, now);
  return {};
}

base::Status Herald::Look(const store::Database& database, base::WallMs now, Due* due) {
  const auto held = store::DueHeld(database, now, 1);
  if (!held) return held.error();
  due->held = !held->empty();
  if (policy_.remind_every.count() > 0) {
    const auto reminders =
        store::DueReminders(database, policy_.notify_severities, policy_.remind_every, now, 1);
    if (!reminders) return reminders.error();
    due->reminders = !reminders->empty();
  }
  return LookAtStorm(database, now, due);
}

base::Status Herald::Do(const Due& due, const Round& round) {
  if (due.held) {
    if (auto released = ReleaseHeld(round); !released) return released;
  }
  if (due.reminders) {
    if (auto reminded = Remind(round); !reminded) return reminded;
  }
  switch (due.storm) {
    case StormAct::kNothing:
      return {};
    case StormAct::kSummarise:
      return Summarise(round, due.view);
    case StormAct::kEnd:
      return EndStorm(round, *due.view.episode);
  }
  return {};
}

void Herald::NoteFailure(const base::Error& error) {
  if (!failing_) base::log::Error("herald_failed", {{"error", error.message}});
  failing_ = true;
}

// Of a storm that a restart meets the beginning is logged again.
void Herald::NoteStorm(bool open, const std::optional<store::EpisodeRow>& episode) {
  if (std::exchange(storm_logged_, open) == open) return;
  const base::log::Fields fields = {{"episode", episode ? episode->id : 0},
                                    {"storm_above", policy_.storm_above}};
  if (open) {
    base::log::Warning("storm_began", fields);
  } else {
    base::log::Info("storm_over", fields);
  }
}

void Herald::RunOnce(base::WallMs now) {
  Due due;
  const auto looked =
      store_->Read([&](const store::Database& database) { return Look(database, now, &due); });
  if (!looked) return NoteFailure(looked.error());
  bool open = due.view.episode && !due.view.episode->ended_at_ms;
  if (due.held || due.reminders || due.storm != StormAct::kNothing) {
    const cgroup::CpuEvidence evidence = sampler_->Evidence();
    const auto done = store_->Write([&](const store::Database& database) {
      return Do(due, {.database = database,
                      .instance = store_->instance(),
                      .policy = policy_,
                      .evidence = evidence,
                      .now = now});
    });
    if (!done) return NoteFailure(done.error());
    wake_();
  }
  if (due.storm == StormAct::kEnd) open = false;
  if (!open) exceeded_ms_.reset();
  NoteStorm(open, due.view.episode);
  storm_ = open || due.view.oldest_ms.has_value();
  failing_ = false;
}

}  // namespace sidecar::webhook
