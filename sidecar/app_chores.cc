#include "base/log.h"
#include "base/memory.h"
#include "sidecar/app.h"

// What App does at intervals, each on a thread of its own.
namespace sidecar {
namespace {

constexpr base::Millis kHeraldInterval{1'000};
constexpr base::Millis kWatchdogInterval{5'000};
constexpr base::Millis kTidyInterval{60'000};

}  // namespace

void App::WireChores() {
  sampler_worker_ = std::make_unique<base::PeriodicWorker>(
      options_.sample_interval, [this](const std::stop_token&) { sampler_.Tick(); });
  herald_ = std::make_unique<webhook::Herald>(store_.get(), &sampler_, &metrics_, Policy(),
                                              [this] { WakeDispatchers(); });
  chores_.push_back(std::make_unique<base::PeriodicWorker>(
      kHeraldInterval, [this](const std::stop_token&) { herald_->RunOnce(clock_.Now()); }));
  WireAlertmanagers();
  WireRetention();
}

void App::WireRetention() {
  retention_ = std::make_unique<store::Retention>(
      store_.get(),
      store::RetentionPolicy{.days = options_.history_days,
                             .transitions = options_.history_transitions,
                             .bytes = std::int64_t{options_.history_megabytes} * 1'000'000},
      &metrics_);
  chores_.push_back(
      std::make_unique<base::PeriodicWorker>(kTidyInterval, [this](const std::stop_token& stop) {
        curl_.CloseIdle(clock_.Steady());
        base::ReturnFreeMemory();
        // A disk that is full is known before the alert that it would not take. Counted and told
        // by the store's metrics.
        (void)store_->TryToWrite(clock_.Now()).ok();
        while (!stop.stop_requested()) {
          const auto more = retention_->RunOnce(clock_.Now());
          if (!more) base::log::Error("retention_failed", {{"error", more.error().message}});
          if (!more || !*more) return;
        }
      }));
}

// What faces the Alertmanagers: asks what fires, listens for their heartbeat.
void App::WireAlertmanagers() {
  const auto wake = [this] { WakeDispatchers(); };
  watchdog_ = std::make_unique<webhook::Watchdog>(store_.get(), &sampler_, &clock_, Policy(),
                                                  options_.watchdog_timeout, wake);
  metrics_.AddCollector([this](base::Sample& out) { watchdog_->Collect(out); });
  chores_.push_back(std::make_unique<base::PeriodicWorker>(
      kWatchdogInterval, [this](const std::stop_token&) { watchdog_->RunOnce(); }));
  if (options_.alertmanager_urls.empty()) return;
  reconciler_ = std::make_unique<webhook::Reconciler>(
      store_.get(), &sampler_, &clock_, &metrics_, Policy(),
      webhook::ReconcileOptions{.urls = options_.alertmanager_urls,
                                .receiver = options_.alertmanager_receiver,
                                .source = options_.alertmanager_source,
                                .policy = {.settle = options_.alertmanager_settle}},
      [this](const base::HttpCall& call, const std::stop_token& stop) {
        return curl_.Http(call, stop);
      },
      wake, emergency_.get());
  chores_.push_back(std::make_unique<base::PeriodicWorker>(
      options_.reconcile_every,
      [this](const std::stop_token& stop) { reconciler_->RunOnce(stop); }));
}

}  // namespace sidecar
