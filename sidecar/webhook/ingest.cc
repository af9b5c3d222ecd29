#include "sidecar/webhook/ingest.h"

#include <algorithm>
#include <map>

#include "base/log.h"
#include "sidecar/store/heartbeats.h"
#include "sidecar/webhook/heartbeat.h"
#include "sidecar/webhook/recorder.h"

namespace sidecar::webhook {
namespace {

using store::Database;

constexpr char kWebhooks[] = "fraud_sidecar_webhooks_total";
constexpr char kWebhooksHelp[] = "webhook requests by what became of them";
constexpr char kTransitions[] = "fraud_sidecar_transitions_total";
constexpr char kTransitionsHelp[] = "alerts received by what they changed";
constexpr char kHeartbeat[] = "heartbeat";

std::string StepsJson(const std::map<Step, int>& steps) {
  std::string text = "{";
  for (const Step step : kSteps) {
    const auto count = steps.find(step);
    text += (text.size() > 1 ? ", \"" : "\"") + std::string(StepName(step)) +
            "\": " + std::to_string(count == steps.end() ? 0 : count->second);
  }
  return text + "}\n";
}

// The Watchdog opens no episode. One that resolves is not an arrival: it tells of its silence.
base::Status NoteHeartbeat(const Database& database, const std::string& source, const Alert& alert,
                           base::WallMs now) {
  if (!alert.firing) return {};
  return store::NoteHeartbeat(database, source, alert.fingerprint, alert.Label("alertname"), now);
}

std::int64_t CountHeartbeats(const Payload& payload) {
  return std::count_if(payload.alerts.begin(), payload.alerts.end(), IsHeartbeat);
}

bool HasHeartbeat(const Payload& payload) {
  return std::any_of(payload.alerts.begin(), payload.alerts.end(),
                     [](const Alert& alert) { return alert.firing && IsHeartbeat(alert); });
}

bool OnlyHeartbeats(const Payload& payload) {
  return !payload.alerts.empty() && CountHeartbeats(payload) == std::ssize(payload.alerts);
}

}  // namespace

Ingest::Ingest(store::Store* store, const cgroup::Sampler* sampler, const base::Clock* clock,
               base::Metrics* metrics, Policy policy, std::function<void()> wake,
               Emergency* emergency, std::function<void(const std::string&)> heard)
    : store_(store),
      sampler_(sampler),
      clock_(clock),
      metrics_(metrics),
      policy_(std::move(policy)),
      wake_(std::move(wake)),
      emergency_(emergency),
      heard_(std::move(heard)) {
  for (const char* result : {"accepted", "rejected", "quarantined", "unavailable"}) {
    metrics_->AddCounter(kWebhooks, kWebhooksHelp, {{"result", result}});
  }
  metrics_->AddCounter(kTransitions, kTransitionsHelp, {{"kind", kHeartbeat}});
  for (const Step step : kSteps) {
    metrics_->AddCounter(kTransitions, kTransitionsHelp, {{"kind", std::string(StepName(step))}});
  }
}

void Ingest::NoteRejected(const base::HttpRequest& request, const base::HttpResponse& answer) {
  base::log::Warning(
      "webhook_rejected",
      {{"status", answer.status}, {"remote", request.remote}, {"reason", base::ErrorOf(answer)}});
  metrics_->AddCounter(kWebhooks, kWebhooksHelp, {{"result", "rejected"}}).Increment();
}

base::HttpResponse Ingest::Handle(const std::string& source, const std::string& body) {
  const auto payload = ParsePayload(body);
  if (!payload) return Quarantine(source, body, payload.error());
  Origin origin{.source = source, .now = clock_->Now(), .evidence = sampler_->Evidence()};
  if (heard_ && HasHeartbeat(*payload)) heard_(source);
  std::map<Step, int> steps;
  Emergency::Adopted adopted;
  const auto stored = store_->Write([&](const Database& database) -> base::Status {
    if (!OnlyHeartbeats(*payload)) {  // of which there is one a minute, for ever
      const auto id = store::AddWebhook(database, source, body, origin.now);
      if (!id) return id.error();
      origin.webhook_id = *id;
    }
    Recorder recorder(&database, store_->instance(), &policy_, origin);
    for (const Alert& alert : payload->alerts) {
      auto applied = IsHeartbeat(alert) ? NoteHeartbeat(database, source, alert, origin.now)
                                        : recorder.Apply(alert);
      if (!applied) return applied;
    }
    steps = recorder.steps();
    auto announced = recorder.Announce();
    if (!announced || emergency_ == nullptr) return announced;
    return emergency_->Adopt(database, origin, payload->alerts, &adopted);
  });
  if (emergency_ != nullptr) {
    emergency_->Finish(adopted, stored.ok());
    if (!stored) emergency_->Refused(origin, payload->alerts, stored.error());
  }
  if (!stored) return Unavailable(stored.error());
  metrics_->AddCounter(kWebhooks, kWebhooksHelp, {{"result", "accepted"}}).Increment();
  CountSteps(steps);
  metrics_->AddCounter(kTransitions, kTransitionsHelp, {{"kind", kHeartbeat}})
      .Increment(static_cast<double>(CountHeartbeats(*payload)));
  wake_();
  base::log::Info("webhook_accepted", {{"source", source},
                                       {"alerts", payload->alerts.size()},
                                       {"truncated", payload->truncated_alerts},
                                       {"firing", steps[Step::kOpen]},
                                       {"resolved", steps[Step::kEnd]}});
  return {.body = StepsJson(steps)};
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

void Ingest::CountSteps(const std::map<Step, int>& steps) {
  for (const auto& [step, count] : steps) {
    metrics_->AddCounter(kTransitions, kTransitionsHelp, {{"kind", std::string(StepName(step))}})
        .Increment(count);
  }
}

}  // namespace sidecar::webhook
