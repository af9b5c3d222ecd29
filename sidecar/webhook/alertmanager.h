#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/curl_client.h"
#include "base/result.h"
#include "sidecar/webhook/payload.h"

// What an Alertmanager says when it is asked: GET /api/v2/status, receivers and alerts.
// Source: its api/v2/openapi.yaml; 0.25 to 0.34 agree in what is read here.
namespace sidecar::webhook {

// An alert that fires there and goes to our receiver.
struct ListedAlert {
  Alert alert;
  bool active = false;      // it was sorted into a group, whose turn to be told will come
  bool suppressed = false;  // silenced, inhibited or muted there: it pages nobody
};

struct ManagerStatus {
  base::WallMs started_at_ms = 0;  // by its own clock
  base::Millis tells_within{0};    // TellsWithin of its configuration
};

struct ManagerAnswer {
  ManagerStatus status;
  std::vector<ListedAlert> alerts;
};

// Strict: anything that is not as the source says is kInvalid, with the place at fault. Unknown
// members are ignored, nesting beyond what is read is dropped.
base::Result<ManagerStatus> ParseManagerStatus(const std::string& body);
// GET /api/v2/receivers. kInvalid also when `receiver` is not among them: then an empty list of
// alerts would say nothing of what fires, and every episode would seem to be over.
base::Status CheckReceiver(const std::string& body, const std::string& receiver);
// Those of `receiver` only; the rules for one alert are ParsePayload's, at most kMaxAlerts of them.
base::Result<std::vector<ListedAlert>> ParseListedAlerts(const std::string& body,
                                                         const std::string& receiver);

// How long an alert may fire there before its webhook is overdue: the longest group_wait and the
// longest group_interval of the configuration (as Alertmanager prints it: YAML in block style, its
// own defaults left out), and a quarter more for what a try and its retry take. At most
// kLongestTelling, or one slow route would hold up all.
base::Millis TellsWithin(const std::string& configuration);
inline constexpr base::Millis kLongestTelling{10 * 60'000};

// The path that lists what goes to `receiver`, whatever its state.
std::string ListPath(const std::string& receiver);

using HttpGet = std::function<base::HttpOutcome(const base::HttpCall&, const std::stop_token&)>;

// Asks one, in three calls of at most 10 s each. kUnavailable: no answer, or another one than 200;
// kInvalid: garbage, or more than kMaxAnswerBytes.
base::Result<ManagerAnswer> AskAlertmanager(const HttpGet& http, const std::string& url,
                                            const std::string& receiver,
                                            const std::stop_token& stop);
inline constexpr std::size_t kMaxAnswerBytes = 16 << 20;

}  // namespace sidecar::webhook
