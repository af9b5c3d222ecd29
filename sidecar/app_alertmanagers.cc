#include "sidecar/app.h"

// App's half that faces the Alertmanagers: asks what fires, listens for their heartbeat.
namespace sidecar {
namespace {

constexpr base::Millis kWatchdogInterval{5'000};

}  // namespace

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
      wake);
  chores_.push_back(std::make_unique<base::PeriodicWorker>(
      options_.reconcile_every,
      [this](const std::stop_token& stop) { reconciler_->RunOnce(stop); }));
}

}  // namespace sidecar
