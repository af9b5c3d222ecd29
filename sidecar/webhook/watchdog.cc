#include "sidecar/webhook/watchdog.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/log.h"
#include "sidecar/store/heartbeats.h"
#include "sidecar/webhook/recorder.h"

namespace sidecar::webhook {
namespace {

constexpr char kFingerprint[] = "monitoring-blind";

Alert MonitoringBlind(bool firing, base::WallMs now) {
  Alert alert{.firing = firing,
              .fingerprint = kFingerprint,
              .labels = {{"alertname", "MonitoringBlind"}, {"severity", "critical"}},
              .starts_at_ms = now};
  alert.annotations["summary"] = "Monitoring is blind";
  alert.annotations["runbook"] = "docs/runbooks/MonitoringBlind.md";
  return alert;
}

Alert Blind(const Heartbeats& heartbeats, const std::vector<std::string>& silent,
            base::WallMs now) {
  Alert alert = MonitoringBlind(true, now);
  std::string& text = alert.annotations["description"];
  for (const std::string& source : silent) {
    text += "The alert Watchdog of " + source + " was last heard at " +
            base::FormatUtc(heartbeats.sources.at(source).last_ms) + ". ";
  }
  text += "Until it comes again, no alert can be expected from there: an attack would go unseen.";
  return alert;
}

Alert SeesAgain(base::WallMs now) {
  Alert alert = MonitoringBlind(false, now);
  alert.annotations["description"] = "The alert Watchdog comes again.";
  return alert;
}

}  // namespace

Watchdog::Watchdog(store::Store* store, const cgroup::Sampler* sampler, const base::Clock* clock,
                   Policy policy, base::Millis timeout, std::function<void()> wake)
    : store_(store),
      sampler_(sampler),
      clock_(clock),
      policy_(std::move(policy)),
      timeout_(timeout),
      wake_(std::move(wake)),
      heartbeats_{.since = clock->Steady()} {}

void Watchdog::RunOnce() {
  const auto done = Look();
  const std::string problem = done ? "" : done.error().message;
  if (std::exchange(problem_, problem) == problem || done) return;
  base::log::Error("watchdog_failed", {{"error", problem}});
}

void Watchdog::Heard(const std::string& source) {
  const std::lock_guard lock(mutex_);
  Heartbeats::Source& heard = heartbeats_.sources[source];
  heard.last_ms = clock_->Now();
  heard.heard = clock_->Steady();
}

base::Status Watchdog::Look() {
  if (timeout_.count() == 0 && !heartbeats_.looked) {
    if (auto forgotten = store_->Write(store::ForgetHeartbeats); !forgotten) return forgotten;
  }
  const auto stored = Read();
  if (!stored) return stored.error();
  const auto steady = clock_->Steady();
  const base::WallMs now = clock_->Now();
  std::optional<Alert> news;
  {
    const std::lock_guard lock(mutex_);
    Hear(stored->last, steady, &heartbeats_);
    const Sight sight = Judge(heartbeats_, timeout_, steady);
    if (sight == Sight::kBlind && !stored->blind) {
      news = Blind(heartbeats_, Silent(heartbeats_, timeout_, steady), now);
    } else if (sight == Sight::kSees && stored->blind) {
      news = SeesAgain(now);
    }
  }
  return news ? Tell(*news) : base::Status();
}

base::Result<Watchdog::Stored> Watchdog::Read() const {
  Stored stored;
  const auto done = store_->Read([&](const store::Database& database) -> base::Status {
    auto last = store::LastHeartbeats(database);
    if (!last) return last.error();
    stored.last = std::move(*last);
    const auto latest = store::LatestEpisode(database, kOwnSource, kFingerprint);
    if (!latest) return latest.error();
    stored.blind = *latest && !(*latest)->ended_at_ms;
    return {};
  });
  if (!done) return done.error();
  return stored;
}

base::Status Watchdog::Tell(const Alert& alert) {
  const Origin origin{.source = kOwnSource, .now = clock_->Now(), .evidence = sampler_->Evidence()};
  auto told = store_->Write([&](const store::Database& database) -> base::Status {
    Recorder recorder(&database, store_->instance(), &policy_, origin);
    if (auto applied = recorder.Apply(alert); !applied) return applied;
    return recorder.Announce();
  });
  if (!told) return told;
  const std::string& description = alert.annotations.at("description");
  if (alert.firing) {
    base::log::Warning("monitoring_blind", {{"description", description}});
  } else {
    base::log::Info("monitoring_sees_again", {{"description", description}});
  }
  wake_();
  return {};
}

void Watchdog::Collect(base::Sample& out) const {
  const auto steady = clock_->Steady();
  const base::WallMs now = clock_->Now();
  const std::lock_guard lock(mutex_);
  for (const auto& [name, source] : heartbeats_.sources) {
    const base::Millis age = source.heard
                                 ? std::chrono::duration_cast<base::Millis>(steady - *source.heard)
                                 : base::Millis(now - std::min(now, source.last_ms));
    out.Gauge("fraud_sidecar_heartbeat_age_seconds", "since the alert Watchdog was last heard",
              {{"source", name}}, static_cast<double>(age.count()) / 1000);
  }
}

}  // namespace sidecar::webhook
