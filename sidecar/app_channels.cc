#include <random>

#include "base/route.h"
#include "sidecar/app.h"

// The ways to people: who is told, by what, and the thread of each channel.
namespace sidecar {
namespace {

constexpr base::Millis kDispatchInterval{1'000};

}  // namespace

webhook::Policy App::Policy() const {
  return {
      .notify_severities = {options_.notify_severities.begin(), options_.notify_severities.end()},
      .targets = Targets(),
      .public_url = options_.public_url,
      .sidecar_name = options_.name,
      .pair_source = options_.alertmanager_urls.size() > 1 ? options_.alertmanager_source : "",
      .storm_above = options_.storm_above,
      .remind_every = options_.remind_every,
      .hold = options_.position.value_or(0) * options_.hold};
}

std::vector<notifier::Recipient> App::Targets() const {
  std::vector<notifier::Recipient> targets;
  for (const std::string& address : options_.mail_to) targets.push_back({"email", address});
  for (const std::string& chat : options_.telegram_chats) targets.push_back({"telegram", chat});
  return targets;
}

void App::WireNotification() {
  if (options_.email) {
    channels_.push_back(std::make_unique<notifier::EmailChannel>(
        *options_.email, [this](const base::MailCall& call, const std::stop_token& stop) {
          return curl_.Mail(call, stop);
        }));
  }
  if (options_.telegram) {
    channels_.push_back(std::make_unique<notifier::TelegramChannel>(
        *options_.telegram,
        [this](const base::HttpCall& call, const std::stop_token& stop) {
          return curl_.Http(call, stop);
        },
        &clock_));
  }
  std::vector<std::string> names;
  for (const auto& channel : channels_) names.emplace_back(channel->name());
  network_ = std::make_unique<notifier::Network>(names, &base::HasRoute, &metrics_);
  notifier::Advice advice{.network = network_.get(), .everybody = Targets()};
  for (const auto& channel : channels_) {
    auto random01 = [engine = std::mt19937(std::random_device()())]() mutable {
      return std::uniform_real_distribution<double>(0, 1)(engine);
    };
    reports_.push_back(
        std::make_unique<notifier::TryReport>(&metrics_, std::string(channel->name())));
    const auto dispatch = [&](notifier::Outbox* outbox, notifier::Gate* gate) {
      advice.gate = gate;
      dispatchers_.push_back(std::make_unique<notifier::Dispatcher>(
          outbox, channel.get(), &clock_, reports_.back().get(), options_.retry, random01, advice));
      return dispatchers_.back().get();
    };
    // One thread: a channel sends one message at a time. What is not in the history passes no gate.
    dispatcher_workers_.push_back(std::make_unique<base::PeriodicWorker>(
        kDispatchInterval,
        [unrecorded = dispatch(&unrecorded_, nullptr),
         recorded = dispatch(outbox_.get(), gate_.get())](const std::stop_token& stop) {
          unrecorded->RunOnce(stop);
          recorded->RunOnce(stop);
        }));
  }
}

void App::WakeDispatchers() {
  for (const auto& worker : dispatcher_workers_) worker->Wake();
}

}  // namespace sidecar
