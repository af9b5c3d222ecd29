#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace sidecar::webhook {

using Labels = std::map<std::string, std::string>;

struct Alert {
  bool firing = false;
  std::string fingerprint;  // hash of the labels: the same for ever, so not an episode
  Labels labels;
  Labels annotations;
  std::string generator_url;
  base::WallMs starts_at_ms = 0;
  std::optional<base::WallMs> ends_at_ms;  // absent for Alertmanager's "0001-01-01T00:00:00Z"

  // labels[name], or "".
  [[nodiscard]] std::string Label(const std::string& name) const;
};

struct Payload {
  std::vector<Alert> alerts;
  std::int64_t truncated_alerts =
      0;  // left out by Alertmanager's max_alerts; says nothing of which
};

// Alertmanager's webhook body, version "4". Fields it does not know are ignored. kInvalid with the
// place at fault, as "alerts[2].startsAt: not a time"; bounded: at most kMaxAlerts alerts.
// Source: prometheus.io/docs/alerting/latest/configuration, <webhook_config>.
base::Result<Payload> ParsePayload(const std::string& body);
inline constexpr std::size_t kMaxAlerts = 10'000;
inline constexpr std::size_t kMaxFingerprint = 256;  // bytes; Alertmanager's have 16

}  // namespace sidecar::webhook
