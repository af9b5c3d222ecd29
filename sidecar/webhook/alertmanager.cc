#include "sidecar/webhook/alertmanager.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "base/escape.h"
#include "base/settings.h"

namespace sidecar::webhook {
namespace {

using base::Error;
using base::ErrorCode;
using nlohmann::json;

// Of what is read, strings in arrays in `status` are the deepest. Deeper things are dropped while
// parsing, since json works on them by recursion.
constexpr int kDepth = 5;
constexpr std::size_t kMaxNames = 200;  // bytes of receivers' names in an error

Error At(const std::string& place, const std::string& problem) {
  return {.code = ErrorCode::kInvalid, .message = place + ": " + problem};
}

// Whether one of the lists of who suppresses it has an entry. `mutedBy` came with 0.28.
base::Result<bool> IsSuppressed(const json& status, const std::string& place) {
  bool suppressed = status["state"] == "suppressed";
  for (const char* name : {"silencedBy", "inhibitedBy", "mutedBy"}) {
    const auto list = status.find(name);
    if (list == status.end() || list->is_null()) continue;
    if (!list->is_array()) return At(place + name, "not an array");
    suppressed = suppressed || !list->empty();
  }
  return suppressed;
}

base::Result<ListedAlert> ReadState(const json& object, const std::string& place) {
  const auto status = object.find("status");
  if (status == object.end() || !status->is_object()) return At(place + "status", "not an object");
  const auto state = status->find("state");
  if (state == status->end() || !state->is_string()) {
    return At(place + "status.state", "not a string");
  }
  if (*state != "active" && *state != "suppressed" && *state != "unprocessed") {
    return At(place + "status.state", "none of active, suppressed, unprocessed");
  }
  const auto suppressed = IsSuppressed(*status, place + "status.");
  if (!suppressed) return suppressed.error();
  return ListedAlert{.active = *state == "active", .suppressed = *suppressed};
}

base::Result<bool> GoesTo(const json& object, const std::string& receiver,
                          const std::string& place) {
  const auto list = object.find("receivers");
  if (list == object.end() || !list->is_array()) return At(place + "receivers", "not an array");
  bool found = false;
  for (const json& each : *list) {
    const auto name = each.is_object() ? each.find("name") : each.end();
    if (!each.is_object() || name == each.end() || !name->is_string()) {
      return At(place + "receivers", "one without a name");
    }
    found = found || *name == receiver;
  }
  return found;
}

// By ParsePayload, so that an alert means the same whichever way it comes.
base::Result<Alert> ReadAlert(json object, const std::string& place) {
  object["status"] = "firing";
  object.erase("endsAt");  // when it would end unless it is heard of again
  const json payload{{"version", "4"}, {"alerts", json::array({std::move(object)})}};
  auto parsed = ParsePayload(payload.dump(-1, ' ', false, json::error_handler_t::replace));
  if (parsed) return std::move(parsed->alerts.front());
  constexpr std::string_view kFirst = "alerts[0].";
  std::string message = parsed.error().message;
  if (message.starts_with(kFirst)) message = place + message.substr(kFirst.size());
  return Error{parsed.error().code, message};
}

base::Result<std::optional<ListedAlert>> ReadListed(const json& object, const std::string& receiver,
                                                    const std::string& place) {
  auto listed = ReadState(object, place);
  if (!listed) return listed.error();
  const auto ours = GoesTo(object, receiver, place);
  if (!ours) return ours.error();
  if (!*ours) return std::optional<ListedAlert>();
  auto alert = ReadAlert(object, place);
  if (!alert) return alert.error();
  listed->alert = std::move(*alert);
  return std::optional(std::move(*listed));
}

// The text behind `key` in a line of YAML, and how far the line is indented.
struct Setting {
  base::Millis value{0};
  std::size_t indent = 0;
};
std::optional<Setting> ReadSetting(const std::string& line, const std::string& key) {
  const std::size_t indent = line.find_first_not_of(" -");
  if (indent == std::string::npos || line.compare(indent, key.size(), key) != 0) {
    return std::nullopt;
  }
  // "1m30s": one number and unit after the other. What cannot be read is not short.
  std::istringstream text(line.substr(indent + key.size()));
  base::Millis sum{0};
  do {
    std::uint32_t number = 0;
    std::string unit;
    if (!(text >> number)) return Setting{kLongestTelling, indent};
    while (text.peek() >= 'a' && text.peek() <= 'z') unit += static_cast<char>(text.get());
    sum += base::ParseDuration(std::to_string(number) + unit).value_or(kLongestTelling);
  } while (text.peek() >= '0' && text.peek() <= '9' && sum < kLongestTelling);
  return Setting{std::min(sum, kLongestTelling), indent};
}

// The longest value of `key` in any route. The root is indented by 2; without the key there, it
// has `fallback`.
base::Millis Longest(const std::string& configuration, const std::string& key,
                     base::Millis fallback) {
  base::Millis longest{0};
  bool root = false;
  std::istringstream lines(configuration);
  for (std::string line; std::getline(lines, line);) {
    const auto found = ReadSetting(line, key);
    if (!found) continue;
    longest = std::max(longest, found->value);
    root = root || found->indent == 2;
  }
  return root ? longest : std::max(longest, fallback);
}

base::Result<std::string> Get(const HttpGet& http, const std::string& url,
                              const std::stop_token& stop) {
  const auto outcome = http({.url = url, .max_answer_bytes = kMaxAnswerBytes}, stop);
  if (!outcome.reply) {
    const bool too_long = outcome.reply.error().code == ErrorCode::kFull;
    return Error{too_long ? ErrorCode::kInvalid : ErrorCode::kUnavailable,
                 outcome.reply.error().message};
  }
  if (outcome.reply->status != 200) {
    return Error{ErrorCode::kUnavailable,
                 "it answers " + std::to_string(outcome.reply->status) + ", not 200"};
  }
  return outcome.reply->body;
}

}  // namespace

base::Result<ManagerStatus> ParseManagerStatus(const std::string& body) {
  const json root = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) return At("status", "not JSON");
  if (!root.is_object()) return At("status", "not an object");
  const auto uptime = root.find("uptime");
  ManagerStatus status;
  if (uptime == root.end() || !uptime->is_string() ||
      !base::ParseUtc(uptime->get<std::string>(), &status.started_at_ms)) {
    return At("uptime", "not an RFC 3339 time");
  }
  const auto config = root.find("config");
  const bool told = config != root.end() && config->is_object() && config->contains("original") &&
                    (*config)["original"].is_string();
  status.tells_within = TellsWithin(told ? (*config)["original"].get<std::string>() : "");
  return status;
}

base::Status CheckReceiver(const std::string& body, const std::string& receiver) {
  const json root = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!root.is_array()) return At("receivers", "not an array");
  std::string names;
  for (const json& each : root) {
    const auto name = each.is_object() ? each.find("name") : each.end();
    if (!each.is_object() || name == each.end() || !name->is_string()) {
      return At("receivers", "one has no name");
    }
    if (name->get<std::string>() == receiver) return {};
    if (names.size() < kMaxNames) names += (names.empty() ? "" : ", ") + name->get<std::string>();
  }
  return Error{ErrorCode::kInvalid, "--alertmanager-receiver: it has no receiver \"" + receiver +
                                        "\", but " + (names.empty() ? "none" : names)};
}

base::Result<std::vector<ListedAlert>> ParseListedAlerts(const std::string& body,
                                                         const std::string& receiver) {
  std::vector<ListedAlert> found;
  std::optional<Error> mistake;
  std::size_t count = 0;
  // Each alert is read as soon as it is whole, and dropped: ten thousand of them as one tree would
  // take more memory than all the rest of the program.
  const auto take = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth >= kDepth) return false;
    if (depth != 1 || event != json::parse_event_t::object_end) return true;
    const std::string place = "alerts[" + std::to_string(count++) + "].";
    if (mistake) return false;
    if (count > kMaxAlerts) {
      mistake = At("alerts", "more than " + std::to_string(kMaxAlerts));
      return false;
    }
    auto listed = ReadListed(parsed, receiver, place);
    if (!listed) {
      mistake = listed.error();
    } else if (*listed) {
      found.push_back(std::move(**listed));
    }
    return false;
  };
  const json rest = json::parse(body, take, /*allow_exceptions=*/false);
  if (rest.is_discarded()) return At("alerts", "not JSON");
  if (!rest.is_array()) return At("alerts", "not an array");
  if (mistake) return *mistake;
  if (!rest.empty()) return At("alerts", "one is not an object");
  return found;
}

base::Millis TellsWithin(const std::string& configuration) {
  const base::Millis wait = Longest(configuration, "group_wait: ", base::Millis(30'000));
  const base::Millis interval = Longest(configuration, "group_interval: ", base::Millis(300'000));
  return std::min((wait + interval) * 5 / 4, kLongestTelling);
}

std::string ListPath(const std::string& receiver) {
  std::string expression = "^(?:";
  for (const char c : receiver) {
    if (std::string_view(R"(\.+*?()|[]{}^$)").find(c) != std::string_view::npos) expression += '\\';
    expression += c;
  }
  return "/api/v2/alerts?receiver=" + base::PercentEncoded(expression + ")$") +
         "&active=true&silenced=true&inhibited=true&unprocessed=true";
}

base::Result<ManagerAnswer> AskAlertmanager(const HttpGet& http, const std::string& url,
                                            const std::string& receiver,
                                            const std::stop_token& stop) {
  const auto status_body = Get(http, url + "/api/v2/status", stop);
  if (!status_body) return status_body.error();
  const auto status = ParseManagerStatus(*status_body);
  if (!status) return status.error();
  const auto receivers = Get(http, url + "/api/v2/receivers", stop);
  if (!receivers) return receivers.error();
  if (const auto known = CheckReceiver(*receivers, receiver); !known) return known.error();
  const auto alerts_body = Get(http, url + ListPath(receiver), stop);
  if (!alerts_body) return alerts_body.error();
  auto alerts = ParseListedAlerts(*alerts_body, receiver);
  if (!alerts) return alerts.error();
  return ManagerAnswer{.status = *status, .alerts = std::move(*alerts)};
}

}  // namespace sidecar::webhook
