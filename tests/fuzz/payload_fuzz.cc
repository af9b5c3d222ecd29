#include "sidecar/webhook/payload.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TEXT(text) {
  const auto payload = sidecar::webhook::ParsePayload(std::string(text));
  if (!payload) {
    PROMISE(payload.error().code == base::ErrorCode::kInvalid);
    PROMISE(!payload.error().message.empty());
    return;
  }
  PROMISE(payload->alerts.size() <= sidecar::webhook::kMaxAlerts);
  PROMISE(payload->truncated_alerts >= 0);
  for (const auto& alert : payload->alerts) {
    PROMISE(!alert.fingerprint.empty());
    // "No end yet" is absent, never a date of the year 1.
    PROMISE(!alert.ends_at_ms || *alert.ends_at_ms > -62'135'596'800'000);
    for (const auto& [name, value] : alert.labels) PROMISE(alert.Label(name) == value);
  }
}
