#include "sidecar/webhook/payload.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "sidecar/message/json_text.h"

namespace sidecar::webhook {
namespace {

using base::Error;
using base::ErrorCode;
using nlohmann::json;

constexpr std::size_t kMaxVersion = 20;  // of it in an error

// A place may hold a name of the sender's, of any length.
Error At(const std::string& place, const std::string& problem) {
  constexpr std::size_t kMaxPlace = 120;
  return {.code = ErrorCode::kInvalid, .message = message::Cut(place, kMaxPlace) + ": " + problem};
}

// The member `name` when it is a string; "" when it is absent and need not be there.
base::Result<std::string> Text(const json& object, const char* name, const std::string& place,
                               bool required) {
  const auto member = object.find(name);
  if (member == object.end()) {
    if (required) return At(place + name, "missing");
    return std::string();
  }
  if (!member->is_string()) return At(place + name, "not a string");
  return member->get<std::string>();
}

base::Result<Labels> Strings(const json& object, const char* name, const std::string& place) {
  Labels labels;
  const auto member = object.find(name);
  if (member == object.end() || member->is_null()) return labels;
  if (!member->is_object()) return At(place + name, "not an object");
  for (const auto& [key, value] : member->items()) {
    if (!value.is_string()) return At(place + name + "." + key, "not a string");
    labels[key] = value.get<std::string>();
  }
  return labels;
}

base::Result<base::WallMs> Time(const json& object, const char* name, const std::string& place) {
  const auto text = Text(object, name, place, true);
  if (!text) return text.error();
  base::WallMs at = 0;
  if (!base::ParseUtc(*text, &at)) return At(place + name, "not an RFC 3339 time");
  return at;
}

base::Status ParseTexts(const json& object, const std::string& place, Alert* alert) {
  const auto status = Text(object, "status", place, true);
  if (!status) return status.error();
  if (*status != "firing" && *status != "resolved") {
    return At(place + "status", "neither \"firing\" nor \"resolved\"");
  }
  alert->firing = *status == "firing";
  auto fingerprint = Text(object, "fingerprint", place, true);
  if (!fingerprint) return fingerprint.error();
  if (fingerprint->empty()) return At(place + "fingerprint", "empty");
  if (fingerprint->size() > kMaxFingerprint) {
    return At(place + "fingerprint", "longer than " + std::to_string(kMaxFingerprint) + " bytes");
  }
  alert->fingerprint = std::move(*fingerprint);
  auto generator = Text(object, "generatorURL", place, false);
  if (!generator) return generator.error();
  alert->generator_url = std::move(*generator);
  return {};
}

base::Result<Alert> ParseAlert(const json& object, const std::string& place) {
  Alert alert;
  if (!object.is_object()) return At(place.substr(0, place.size() - 1), "not an object");
  if (const auto texts = ParseTexts(object, place, &alert); !texts) return texts.error();
  auto labels = Strings(object, "labels", place);
  if (!labels) return labels.error();
  alert.labels = std::move(*labels);
  auto annotations = Strings(object, "annotations", place);
  if (!annotations) return annotations.error();
  alert.annotations = std::move(*annotations);
  const auto starts = Time(object, "startsAt", place);
  if (!starts) return starts.error();
  alert.starts_at_ms = *starts;
  if (object.contains("endsAt")) {
    const auto ends = Time(object, "endsAt", place);
    if (!ends) return ends.error();
    if (*ends > 0) alert.ends_at_ms = *ends;
  }
  return alert;
}

}  // namespace

std::string Alert::Label(const std::string& name) const {
  const auto label = labels.find(name);
  return label == labels.end() ? "" : label->second;
}

base::Result<Payload> ParsePayload(const std::string& body) {
  const json root = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) return Error{ErrorCode::kInvalid, "body: not JSON"};
  if (!root.is_object()) return Error{ErrorCode::kInvalid, "body: not an object"};
  const auto version = Text(root, "version", "", true);
  if (!version) return version.error();
  if (*version != "4") {
    return At("version", "\"" + message::Cut(*version, kMaxVersion) + "\" is not \"4\"");
  }
  const auto alerts = root.find("alerts");
  if (alerts == root.end()) return At("alerts", "missing");
  if (!alerts->is_array()) return At("alerts", "not an array");
  if (alerts->size() > kMaxAlerts) return At("alerts", "more than " + std::to_string(kMaxAlerts));

  Payload payload;
  for (std::size_t i = 0; i < alerts->size(); ++i) {
    auto alert = ParseAlert((*alerts)[i], "alerts[" + std::to_string(i) + "].");
    if (!alert) return alert.error();
    payload.alerts.push_back(std::move(*alert));
  }
  const auto truncated = root.find("truncatedAlerts");
  if (truncated != root.end() && truncated->is_number_unsigned()) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    payload.truncated_alerts =
        static_cast<std::int64_t>(std::min(truncated->get<std::uint64_t>(), kMost));
  }
  return payload;
}

}  // namespace sidecar::webhook
