#include "sidecar/webhook/heartbeat.h"

#include <algorithm>

namespace sidecar::webhook {

bool IsHeartbeat(const Alert& alert) {
  return alert.Label("alertname") == "Watchdog" && alert.Label("severity") == "none";
}

void Hear(const std::map<std::string, base::WallMs>& last, base::SteadyTime now,
          Heartbeats* heartbeats) {
  for (const auto& [name, last_ms] : last) {
    const auto [source, added] = heartbeats->sources.try_emplace(name);
    const bool came = heartbeats->looked && (added || source->second.stored_ms != last_ms);
    source->second.stored_ms = last_ms;
    if (came || source->second.last_ms == 0) source->second.last_ms = last_ms;
    if (came) source->second.heard = now;
  }
  heartbeats->looked = true;
}

std::vector<std::string> Silent(const Heartbeats& heartbeats, base::Millis timeout,
                                base::SteadyTime now) {
  std::vector<std::string> silent;
  if (timeout.count() == 0) return silent;
  for (const auto& [name, source] : heartbeats.sources) {
    if (now - source.heard.value_or(heartbeats.since) > timeout) silent.push_back(name);
  }
  return silent;
}

Sight Judge(const Heartbeats& heartbeats, base::Millis timeout, base::SteadyTime now) {
  if (!Silent(heartbeats, timeout, now).empty()) return Sight::kBlind;
  const bool all_heard =
      std::all_of(heartbeats.sources.begin(), heartbeats.sources.end(),
                  [](const auto& each) { return each.second.heard.has_value(); });
  return all_heard || timeout.count() == 0 ? Sight::kSees : Sight::kUnsure;
}

}  // namespace sidecar::webhook
