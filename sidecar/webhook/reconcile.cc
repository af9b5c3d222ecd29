#include "sidecar/webhook/reconcile.h"

#include <algorithm>
#include <set>

#include "sidecar/webhook/episode.h"
#include "sidecar/webhook/heartbeat.h"

namespace sidecar::webhook {
namespace {

using Answers = std::vector<std::optional<ManagerAnswer>>;

// One alert, by all who list it.
struct Found {
  const Alert* alert = nullptr;
  bool active = false;
  bool suppressed = false;
  std::vector<std::size_t> by;
};

std::map<std::string, Found> Join(const Answers& answers) {
  std::map<std::string, Found> all;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) continue;
    for (const ListedAlert& listed : answers[i]->alerts) {
      if (IsHeartbeat(listed.alert)) continue;
      Found& found = all[listed.alert.fingerprint];
      found.alert = &listed.alert;
      found.active = found.active || listed.active;
      found.suppressed = found.suppressed || listed.suppressed;
      found.by.push_back(i);
    }
  }
  return all;
}

bool AllAnswered(const Answers& answers) {
  return std::all_of(answers.begin(), answers.end(), [](const auto& each) { return each; });
}

bool AllSettled(const Survey& round, base::Millis settle) {
  return std::all_of(round.answers.begin(), round.answers.end(), [&](const auto& each) {
    return each && round.now - each->status.started_at_ms >= settle.count();
  });
}

base::Millis LongestTelling(const Answers& answers) {
  base::Millis longest{0};
  for (const auto& each : answers) {
    if (each) longest = std::max(longest, each->status.tells_within);
  }
  return longest;
}

// Whether one that listed the episode has been up all the time since. What a former run of this
// process found is in the row, which does not say by whom it was listed: then all must have been.
bool ListerStillUp(const store::OpenEpisode& episode, const ReconcileMemory::Watch& watch,
                   const Answers& answers) {
  bool remembered = false;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!watch.listed_by[i]) continue;
    remembered = true;
    if (*watch.listed_by[i] == answers[i]->status.started_at_ms) return true;
  }
  if (remembered || !episode.listed_at_ms) return false;
  return std::all_of(answers.begin(), answers.end(), [&](const auto& each) {
    return each->status.started_at_ms <= *episode.listed_at_ms;
  });
}

ReconcilePlan::End EndOf(const store::OpenEpisode& episode, const ReconcileMemory::Watch& watch,
                         const Answers& answers) {
  const char* reason = ListerStillUp(episode, watch, answers) ? "resolved" : "vanished";
  return {.episode = episode,
          .ended_at_ms = std::max(episode.last_seen_ms, episode.listed_at_ms.value_or(0)),
          .reason = episode.silenced ? "silenced" : reason};
}

void JudgeOpen(const ReconcilePolicy& policy, const Survey& round,
               const std::vector<store::OpenEpisode>& open, const std::map<std::string, Found>& all,
               ReconcileMemory* memory, ReconcilePlan* plan) {
  const bool counts = AllAnswered(round.answers) && AllSettled(round, policy.settle);
  std::map<std::int64_t, ReconcileMemory::Watch> watches;
  for (const store::OpenEpisode& episode : open) {
    ReconcileMemory::Watch& watch = watches[episode.id] = memory->watches[episode.id];
    watch.listed_by.resize(round.answers.size());
    const auto found = all.find(episode.fingerprint);
    if (found != all.end()) {
      watch.missed = 0;
      for (const std::size_t i : found->second.by) {
        watch.listed_by[i] = round.answers[i]->status.started_at_ms;
      }
      plan->listed.push_back({.id = episode.id, .silenced = found->second.suppressed});
      continue;
    }
    const bool missed = counts && !SeenSince(episode.last_seen_ms, round);
    watch.missed = missed ? watch.missed + 1 : 0;
    if (watch.missed >= policy.polls) plan->end.push_back(EndOf(episode, watch, round.answers));
  }
  memory->watches = std::move(watches);
}

void JudgeListed(const Survey& round, const std::vector<store::OpenEpisode>& open,
                 const std::map<std::string, Found>& all, ReconcileMemory* memory,
                 ReconcilePlan* plan) {
  // Who does not answer says nothing: what is remembered of its alerts stays.
  auto mute = AllAnswered(round.answers) ? decltype(memory->mute)() : memory->mute;
  std::set<std::string> known;
  for (const store::OpenEpisode& episode : open) {
    known.insert(episode.fingerprint);
    mute.erase(episode.fingerprint);
  }
  const base::WallMs first_found = memory->answered ? round.now : 0;
  const base::Millis within = LongestTelling(round.answers);
  for (const auto& [fingerprint, found] : all) {
    if (known.contains(fingerprint)) continue;
    if (!found.active || found.suppressed) {
      mute.erase(fingerprint);
      continue;
    }
    const auto before = memory->mute.find(fingerprint);
    const bool remembered = before != memory->mute.end() && before->second <= round.now;
    const base::WallMs since = remembered ? before->second : first_found;
    mute[fingerprint] = since;
    // A start in the future is a clock's mistake.
    const base::WallMs starts = found.alert->starts_at_ms;
    const base::WallMs due = std::max(since, starts > round.now ? 0 : starts) + within.count();
    if (round.now >= due) plan->open.push_back(*found.alert);
  }
  memory->mute = std::move(mute);
}

}  // namespace

bool SeenSince(base::WallMs last_seen_ms, const Survey& survey) {
  return last_seen_ms >= survey.asked_at_ms && last_seen_ms <= survey.now + kClockSkew.count();
}

ReconcilePlan Reconcile(const ReconcilePolicy& policy, const Survey& round,
                        const std::vector<store::OpenEpisode>& open, ReconcileMemory* memory) {
  ReconcilePlan plan;
  const auto all = Join(round.answers);
  JudgeOpen(policy, round, open, all, memory, &plan);
  JudgeListed(round, open, all, memory, &plan);
  memory->answered = memory->answered || std::any_of(round.answers.begin(), round.answers.end(),
                                                     [](const auto& each) { return each; });
  return plan;
}

}  // namespace sidecar::webhook
