#include "sidecar/webhook/ingest.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/log.h"
#include "sidecar/message/json_text.h"
#include "sidecar/store/messages.h"

namespace sidecar::webhook {
namespace {

using store::Database;
using store::EpisodeRow;

constexpr Step kSteps[] = {Step::kOpen, Step::kReopen, Step::kRepeat, Step::kEnd, Step::kStale};
constexpr char kWebhooks[] = "fraud_sidecar_webhooks_total";
constexpr char kWebhooksHelp[] = "webhook requests by what became of them";
constexpr char kTransitions[] = "fraud_sidecar_transitions_total";
constexpr char kTransitionsHelp[] = "alerts received by what they changed";

EpisodeRow NewEpisode(const Alert& alert, const std::string& source, base::WallMs now) {
  return {.source = source,
          .fingerprint = alert.fingerprint,
          .name = alert.Label("alertname"),
          .severity = alert.Label("severity"),
          .labels_json = message::LabelsJson(alert.labels),
          .annotations_json = message::LabelsJson(alert.annotations),
          .generator_url = alert.generator_url,
          .starts_at_ms = alert.starts_at_ms,
          .first_seen_ms = now,
          .last_seen_ms = now};
}

std::string StepsJson(const std::map<Step, int>& steps) {
  std::string text = "{";
  for (const Step step : kSteps) {
    const auto count = steps.find(step);
    text += (text.size() > 1 ? ", \"" : "\"") + std::string(StepName(step)) +
            "\": " + std::to_string(count == steps.end() ? 0 : count->second);
  }
  return text + "}\n";
}

}  // namespace

// One webhook on its way into the store.
struct Ingest::Context {
  std::string source;
  const std::string& body;
  const Payload& payload;
  base::WallMs now;
  cgroup::CpuEvidence evidence;
  std::int64_t webhook_id = 0;
  std::map<Step, int> steps = {};
  std::vector<Announcement> announcements = {};
};

Ingest::Ingest(store::Store* store, const cgroup::Sampler* sampler, const base::Clock* clock,
               base::Metrics* metrics, Policy policy, std::function<void()> wake)
    : store_(store),
      sampler_(sampler),
      clock_(clock),
      metrics_(metrics),
      policy_(std::move(policy)),
      wake_(std::move(wake)) {
  for (const char* result : {"accepted", "rejected", "quarantined", "unavailable"}) {
    metrics_->AddCounter(kWebhooks, kWebhooksHelp, {{"result", result}});
  }
  for (const Step step : kSteps) {
    metrics_->AddCounter(kTransitions, kTransitionsHelp, {{"kind", std::string(StepName(step))}});
  }
}

void Ingest::NoteRejected(int status) {
  base::log::Warning("webhook_rejected", {{"status", status}});
  metrics_->AddCounter(kWebhooks, kWebhooksHelp, {{"result", "rejected"}}).Increment();
}

base::HttpResponse Ingest::Handle(const std::string& source, const std::string& body) {
  const auto payload = ParsePayload(body);
  if (!payload) return Quarantine(source, body, payload.error());
  Context context{.source = source,
                  .body = body,
                  .payload = *payload,
                  .now = clock_->Now(),
                  .evidence = sampler_->Evidence()};
  const auto stored = store_->Write([&](const Database& database) {
    context.steps.clear();
    context.announcements.clear();
    return StoreAll(database, &context);
  });
  if (!stored) return Unavailable(stored.error());
  metrics_->AddCounter(kWebhooks, kWebhooksHelp, {{"result", "accepted"}}).Increment();
  CountSteps(context);
  wake_();
  base::log::Info("webhook_accepted", {{"source", source},
                                       {"alerts", payload->alerts.size()},
                                       {"truncated", payload->truncated_alerts},
                                       {"firing", context.steps[Step::kOpen]},
                                       {"resolved", context.steps[Step::kEnd]}});
  return {.body = StepsJson(context.steps)};
}

base::HttpResponse Ingest::Quarantine(const std::string& source, const std::string& body,
                                      const base::Error& problem) {
  base::log::Warning("webhook_quarantined", {{"source", source}, {"error", problem.message}});
  const auto kept = store_->Write([&](const Database& database) {
    return store::AddQuarantined(database, source, body, problem.message, clock_->Now());
  });
  if (!kept) return Unavailable(kept.error());
  metrics_->AddCounter(kWebhooks, kWebhooksHelp, {{"result", "quarantined"}}).Increment();
  return base::JsonError(400, problem.message);
}

base::HttpResponse Ingest::Unavailable(const base::Error& error) {
  metrics_->AddCounter(kWebhooks, kWebhooksHelp, {{"result", "unavailable"}}).Increment();
  base::log::Error("webhook_not_stored", {{"error", error.message}});
  auto response = base::JsonError(503, "not stored, try again: " + error.message);
  response.headers["Retry-After"] = "5";
  return response;
}

void Ingest::CountSteps(const Context& context) {
  for (const auto& [step, count] : context.steps) {
    metrics_->AddCounter(kTransitions, kTransitionsHelp, {{"kind", std::string(StepName(step))}})
        .Increment(count);
  }
}

base::Status Ingest::StoreAll(const Database& database, Context* context) const {
  const auto id = store::AddWebhook(database, context->source, context->body, context->now);
  if (!id) return id.error();
  context->webhook_id = *id;
  for (const Alert& alert : context->payload.alerts) {
    if (auto applied = Apply(database, alert, context); !applied) return applied;
  }
  SortByUrgency(&context->announcements);
  for (const Announcement& each : context->announcements) {
    auto announced =
        Announce(database, store_->instance(), policy_, each, context->evidence, context->now);
    if (!announced) return announced;
  }
  return {};
}

base::Status Ingest::Apply(const Database& database, const Alert& alert, Context* context) const {
  const auto row = store::LatestEpisode(database, context->source, alert.fingerprint);
  if (!row) return row.error();
  std::optional<Latest> latest;
  if (*row) {
    latest = Latest{.id = (*row)->id,
                    .starts_at_ms = (*row)->starts_at_ms,
                    .last_seen_ms = (*row)->last_seen_ms,
                    .open = !(*row)->ended_at_ms.has_value()};
  }
  const Step step = NextStep(latest, alert);
  ++context->steps[step];
  switch (step) {
    case Step::kOpen:
      return Open(database, alert, context);
    case Step::kReopen: {
      auto vanished = Vanish(database, **row, *context);
      return vanished ? Open(database, alert, context) : vanished;
    }
    case Step::kRepeat:
      return store::FoldRepeat(database, latest->id, alert.starts_at_ms, context->now);
    case Step::kEnd:
      return End(database, alert, **row, context);
    case Step::kStale:
      return {};
  }
  return {};
}

base::Status Ingest::Open(const Database& database, const Alert& alert, Context* context) const {
  if (auto hurried = store::HurryEarlier(database, context->source, alert.fingerprint); !hurried) {
    return hurried;
  }
  EpisodeRow episode = NewEpisode(alert, context->source, context->now);
  const auto id = store::AddEpisode(database, episode);
  if (!id) return id.error();
  episode.id = *id;
  return AddTransition(database, alert, episode, context);
}

base::Status Ingest::End(const Database& database, const Alert& alert, EpisodeRow episode,
                         Context* context) const {
  episode.ended_at_ms = std::max(alert.ends_at_ms.value_or(context->now), episode.starts_at_ms);
  auto ended =
      store::EndEpisode(database, episode.id, *episode.ended_at_ms, "resolved", context->now);
  return ended ? AddTransition(database, alert, episode, context) : ended;
}

// Ends an episode whose end was never told, when it was last heard of. Nobody is told: the new
// episode's message follows.
base::Status Ingest::Vanish(const Database& database, const EpisodeRow& episode,
                            const Context& context) const {
  auto ended = store::EndEpisode(database, episode.id, episode.last_seen_ms, "vanished", 0);
  if (!ended) return ended;
  const store::TransitionRow transition{.kind = "vanished",
                                        .at_ms = episode.last_seen_ms,
                                        .received_at_ms = context.now,
                                        .evidence_json = message::EvidenceJson(context.evidence)};
  const auto id = store::AddTransition(database, episode.id, transition, context.webhook_id);
  return id ? base::Status() : base::Status(id.error());
}

base::Status Ingest::AddTransition(const Database& database, const Alert& alert,
                                   const EpisodeRow& episode, Context* context) const {
  const store::TransitionRow transition{
      .kind = alert.firing ? "firing" : "resolved",
      .at_ms = alert.firing ? episode.starts_at_ms : *episode.ended_at_ms,
      .received_at_ms = context->now,
      .evidence_json = message::EvidenceJson(context->evidence)};
  const auto id = store::AddTransition(database, episode.id, transition, context->webhook_id);
  if (!id) return id.error();
  if (policy_.notify_severities.contains(episode.severity)) {
    context->announcements.push_back({alert, episode, *id});
  }
  return {};
}

}  // namespace sidecar::webhook
