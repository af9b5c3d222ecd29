#include "notifier/network.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace notifier {

Network::Network(const std::vector<std::string>& channels, std::function<bool()> has_route,
                 base::Metrics* metrics)
    : has_route_(std::move(has_route)), up_(std::make_shared<std::atomic<int>>(-1)) {
  for (const std::string& channel : channels) unreached_[channel] = false;
  metrics->AddCollector([up = up_](base::Sample& sample) {
    const int value = up->load();
    if (value < 0) return;
    sample.Gauge("fraud_sidecar_network_up",
                 "Whether this machine has a network, by the last try to send.", {}, value);
  });
}

bool Network::IsDown(std::string_view channel, const SendResult& result) {
  const bool silent = !result.unreached && result.code == 0;
  if (silent && (up_->load() != 0 || !has_route_())) return false;
  const bool route = !result.unreached || has_route_();
  bool down = !route;
  {
    const std::lock_guard lock(mutex_);
    unreached_[std::string(channel)] = result.unreached;
    const bool all =
        unreached_.size() > 1 && std::all_of(unreached_.begin(), unreached_.end(),
                                             [](const auto& each) { return each.second; });
    down = down || all;
  }
  const int was = up_->exchange(down ? 0 : 1);
  if (down && was != 0) {
    base::log::Error("network_down", {{"channel", channel}, {"detail", result.detail}});
  } else if (!down && was == 0) {
    base::log::Info("network_up", {{"channel", channel}});
  }
  return down;
}

}  // namespace notifier
