#include "bench/load/alert_answers.h"

#include <nlohmann/json.hpp>

namespace load {
namespace {

using nlohmann::json;

// The text at `key`, "" when there is none.
std::string Text(const json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

const json& Child(const json& object, const char* key) {
  static const json none;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found != object.end() ? *found : none;
}

bool BeganSince(const std::string& text, base::WallMs since) {
  base::WallMs at = 0;
  return base::ParseUtc(text, &at) && at >= since;
}

bool IsOurs(const json& entry, const char* began, const std::string& alert, base::WallMs since) {
  return Text(Child(entry, "labels"), "alertname") == alert &&
         BeganSince(Text(entry, began), since);
}

bool IsTold(const json& notification) {
  return Text(notification, "state") == "delivered" &&
         Text(notification, "subject").find("FIRING") != std::string::npos;
}

// When the try that delivered it ended.
std::optional<base::WallMs> DeliveredAt(const json& notification) {
  for (const json& attempt : Child(notification, "attempts")) {
    base::WallMs at = 0;
    if (Text(attempt, "outcome") == "delivered" && base::ParseUtc(Text(attempt, "ended_at"), &at)) {
      return at;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<PrometheusSays> ReadPrometheus(std::string_view body, const std::string& alert,
                                             base::WallMs since) {
  const json answer = json::parse(body, nullptr, false);
  const json& alerts = Child(Child(answer, "data"), "alerts");
  if (!alerts.is_array()) return std::nullopt;
  PrometheusSays says;
  for (const json& entry : alerts) {
    if (!IsOurs(entry, "activeAt", alert, since)) continue;
    says.firing = says.firing || Text(entry, "state") == "firing";
    says.pending = says.pending || says.firing || Text(entry, "state") == "pending";
  }
  return says;
}

std::optional<bool> ReadAlertmanager(std::string_view body, const std::string& alert,
                                     base::WallMs since) {
  const json alerts = json::parse(body, nullptr, false);
  if (!alerts.is_array()) return std::nullopt;
  bool found = false;
  for (const json& entry : alerts) found = found || IsOurs(entry, "startsAt", alert, since);
  return found;
}

std::optional<std::int64_t> ReadEpisodes(std::string_view body, const std::string& alert,
                                         base::WallMs since) {
  const json answer = json::parse(body, nullptr, false);
  const json& alerts = Child(answer, "alerts");
  if (!alerts.is_array()) return std::nullopt;
  std::int64_t newest = 0;
  for (const json& entry : alerts) {
    const json& id = Child(entry, "id");
    const bool ours = Text(entry, "name") == alert && BeganSince(Text(entry, "starts_at"), since);
    if (ours && id.is_number_integer()) newest = std::max(newest, id.get<std::int64_t>());
  }
  return newest;
}

std::optional<EpisodeSays> ReadEpisode(std::string_view body) {
  const json answer = json::parse(body, nullptr, false);
  const json& notifications = Child(answer, "notifications");
  if (!notifications.is_array()) return std::nullopt;
  EpisodeSays says;
  for (const json& notification : notifications) {
    if (!IsTold(notification)) continue;
    says.told = true;
    const auto at = DeliveredAt(notification);
    if (at && (!says.told_at || *at < *says.told_at)) says.told_at = at;
  }
  return says;
}

}  // namespace load
