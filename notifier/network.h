#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "notifier/channel.h"

namespace notifier {

// Tells "there is no network here" apart from "their server is down", for all channels together.
// Thread-safe. Metric: fraud_sidecar_network_up (absent before the first try); a change is logged.
class Network {
 public:
  // `has_route` asks the machine (base::HasRoute); it is called from the channels' threads.
  Network(const std::vector<std::string>& channels, std::function<bool()> has_route,
          base::Metrics* metrics);

  // After each try of `channel`: whether it says that there is no network here. Only a try that
  // reached nobody can, and it needs a witness, since a name that does not exist looks like a name
  // server that is away, and one host without a route is not all of them: this machine has no way
  // out, or the last try of every other channel, of which there is one at least, reached nobody
  // either. A try that got no answer for another reason leaves the metric as it is, unless there is
  // a way out again.
  bool IsDown(std::string_view channel, const SendResult& result);

 private:
  const std::function<bool()> has_route_;
  std::mutex mutex_;
  std::map<std::string, bool, std::less<>> unreached_;  // by channel, of its last try
  // -1 unknown, else 0 or 1. Shared with the collector, which may live longer than this.
  std::shared_ptr<std::atomic<int>> up_;
};

}  // namespace notifier
