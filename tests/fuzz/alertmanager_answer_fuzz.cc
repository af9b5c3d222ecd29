#include <algorithm>

#include "sidecar/webhook/alertmanager.h"
#include "tests/fuzz/fuzz.h"

// Whatever an Alertmanager answers: an error with its place, or alerts that fire and are named.
FUZZ_TEXT(text) {
  namespace webhook = sidecar::webhook;
  const std::string body(text);
  const auto listed = webhook::ParseListedAlerts(body, "fraud-sidecar");
  if (listed) {
    PROMISE(listed->size() <= webhook::kMaxAlerts);
    for (const auto& each : *listed) {
      PROMISE(each.alert.firing && !each.alert.ends_at_ms);
      PROMISE(!each.alert.fingerprint.empty());
    }
  } else {
    PROMISE(listed.error().code == base::ErrorCode::kInvalid);
    PROMISE(!listed.error().message.empty());
  }
  const auto status = webhook::ParseManagerStatus(body);
  PROMISE(status || status.error().code == base::ErrorCode::kInvalid);

  const base::Millis within = webhook::TellsWithin(body);
  PROMISE(within >= base::Millis(0) && within <= webhook::kLongestTelling);
  const std::string path = webhook::ListPath(body);
  PROMISE(std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c <= '~'; }));
}
