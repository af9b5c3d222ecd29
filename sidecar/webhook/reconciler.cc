#include "sidecar/webhook/reconciler.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "sidecar/webhook/recorder.h"

namespace sidecar::webhook {
namespace {

using store::Database;

}  // namespace

Reconciler::Reconciler(store::Store* store, const cgroup::Sampler* sampler,
                       const base::Clock* clock, base::Metrics* metrics, Policy policy,
                       ReconcileOptions options, HttpGet http, std::function<void()> wake,
                       Emergency* emergency)
    : store_(store),
      sampler_(sampler),
      clock_(clock),
      metrics_(metrics),
      policy_(std::move(policy)),
      options_(std::move(options)),
      http_(std::move(http)),
      wake_(std::move(wake)),
      emergency_(emergency) {
  for (const char* result : {"ok", "opened", "ended", "unanswered", "invalid"}) Count(result, 0);
}

bool Reconciler::IsLeftToWebhook(const std::string& fingerprint) const {
  return emergency_ != nullptr && emergency_->Knows(options_.source, fingerprint);
}

void Reconciler::Count(const char* result, int by) {
  metrics_
      ->AddCounter("fraud_sidecar_reconcile_total",
                   "rounds of asking Alertmanagers what fires, and what came of them",
                   {{"result", result}})
      .Increment(by);
}

void Reconciler::RunOnce(const std::stop_token& stop) {
  const Survey round = Ask(stop);
  if (stop.stop_requested()) return;
  if (std::all_of(round.answers.begin(), round.answers.end(), [](const auto& a) { return a; })) {
    Count("ok");
  }
  const auto done = Settle(round);
  if (!done) base::log::Error("reconcile_not_stored", {{"error", done.error().message}});
}

Survey Reconciler::Ask(const std::stop_token& stop) {
  Survey round{.asked_at_ms = clock_->Now()};
  round.answers.reserve(options_.urls.size());
  for (const std::string& url : options_.urls) {
    auto answer = AskAlertmanager(http_, url, options_.receiver, stop);
    if (stop.stop_requested()) break;
    NoteAnswer(url, answer);
    round.answers.push_back(answer ? std::optional(std::move(*answer)) : std::nullopt);
  }
  round.now = clock_->Now();
  return round;
}

void Reconciler::NoteAnswer(const std::string& url, const base::Result<ManagerAnswer>& answer) {
  std::string& problem = problems_[url];
  if (answer) {
    if (!problem.empty()) base::log::Info("alertmanager_answers", {{"url", url}});
    problem.clear();
    return;
  }
  Count(answer.error().code == base::ErrorCode::kInvalid ? "invalid" : "unanswered");
  if (std::exchange(problem, answer.error().message) == problem) return;
  base::log::Warning("alertmanager_unanswered", {{"url", url}, {"error", problem}});
}

base::Status Reconciler::Settle(const Survey& round) {
  std::vector<store::OpenEpisode> open;
  auto read = store_->Read([&](const Database& database) -> base::Status {
    auto found = store::OpenEpisodes(database, options_.source);
    if (!found) return found.error();
    open = std::move(*found);
    return {};
  });
  if (!read) return read;
  const ReconcilePlan plan = Reconcile(options_.policy, round, open, &memory_);
  const bool idle = plan.listed.empty() && plan.open.empty() && plan.end.empty();
  return idle ? base::Status() : Store(round, plan);
}

base::Status Reconciler::Store(const Survey& round, const ReconcilePlan& plan) {
  const Origin origin{.source = options_.source,
                      .now = clock_->Now(),
                      .evidence = sampler_->Evidence(),
                      .late = true};
  int opened = 0;
  int ended = 0;
  auto stored = store_->Write([&](const Database& database) -> base::Status {
    Recorder recorder(&database, store_->instance(), &policy_, origin);
    for (const auto& [id, silenced] : plan.listed) {
      if (auto marked = store::MarkListed(database, id, round.now, silenced); !marked) {
        return marked;
      }
    }
    for (const Alert& alert : plan.open) {
      if (IsLeftToWebhook(alert.fingerprint)) continue;
      const auto latest = store::LatestEpisode(database, options_.source, alert.fingerprint);
      if (!latest) return latest.error();
      if (*latest && (!(*latest)->ended_at_ms || SeenSince((*latest)->last_seen_ms, round)))
        continue;
      if (auto applied = recorder.Apply(alert); !applied) return applied;
      ++opened;
    }
    for (const auto& [episode, ended_at_ms, reason] : plan.end) {
      if (IsLeftToWebhook(episode.fingerprint)) continue;
      const auto latest = store::LatestEpisode(database, options_.source, episode.fingerprint);
      if (!latest) return latest.error();
      const bool same = *latest && (*latest)->id == episode.id && !(*latest)->ended_at_ms;
      if (!same || SeenSince((*latest)->last_seen_ms, round)) continue;
      auto done = recorder.EndByAbsence(**latest, ended_at_ms, reason);
      if (!done) return done;
      ++ended;
    }
    return recorder.Announce();
  });
  if (!stored) return stored;
  Count("opened", opened);
  Count("ended", ended);
  if (opened + ended == 0) return {};
  base::log::Info("reconciled", {{"opened", opened}, {"ended", ended}});
  wake_();
  return {};
}

}  // namespace sidecar::webhook
