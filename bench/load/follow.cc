#include "bench/load/follow.h"

#include <utility>

#include "bench/load/alert_answers.h"

namespace load {
namespace {

constexpr char kPrometheus[] = "prometheus";
constexpr char kAlertmanager[] = "alertmanager";
constexpr char kHistory[] = "history";

std::string Trimmed(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

// A query value; an alert's name is mostly letters, but a name is not ours to trust.
std::string Escaped(const std::string& text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= 'a' && byte <= 'z') || byte == '_' || byte == '-' || byte == '.';
    if (plain) {
      escaped += c;
    } else {
      escaped.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return escaped;
}

FollowOptions WithoutSlashes(FollowOptions options) {
  options.prometheus = Trimmed(std::move(options.prometheus));
  options.alertmanager = Trimmed(std::move(options.alertmanager));
  options.history = Trimmed(std::move(options.history));
  return options;
}

}  // namespace

const char* StageOf(const AlertTimes& times) {
  if (times.told_at) return "told";
  if (times.history_at) return "in the history";
  if (times.alertmanager_at) return "at Alertmanager";
  if (times.prometheus_firing_at) return "firing";
  return times.prometheus_pending_at ? "pending" : "none";
}

Follow::Follow(FollowOptions options, base::WallMs since, const base::Clock* clock)
    : options_(WithoutSlashes(std::move(options))),
      since_(since),
      clock_(*clock),
      token_(options_.history_token_file) {
  AddUnknown(options_.prometheus, kPrometheus);
  AddUnknown(options_.alertmanager, kAlertmanager);
  AddUnknown(options_.history, kHistory);
}

void Follow::AddUnknown(const std::string& url, const char* name) {
  if (!url.empty()) unknown_ += (unknown_.empty() ? "" : ", ") + std::string(name);
}

void Follow::Poll(const std::stop_token& stop) {
  std::string unknown;
  const auto ask = [&](const std::string& url, const char* name, auto answered) {
    if (url.empty() || stop.stop_requested() || (this->*answered)(stop)) return;
    unknown += (unknown.empty() ? "" : ", ") + std::string(name);
  };
  ask(options_.prometheus, kPrometheus, &Follow::AskPrometheus);
  ask(options_.alertmanager, kAlertmanager, &Follow::AskAlertmanager);
  ask(options_.history, kHistory, &Follow::AskHistory);
  const std::lock_guard lock(mutex_);
  unknown_ = std::move(unknown);
}

base::Status Follow::CheckHistory() const {
  if (options_.history.empty()) return {};
  const auto token = token_.Read();
  if (!token) return token.error().Wrap("--history-token-file");
  if (token->find(' ') != std::string::npos) {
    return base::Error{base::ErrorCode::kInvalid,
                       "--history-token-file: " + options_.history_token_file +
                           " holds more than a token; NAME TOKEN is for the sidecar's own file"};
  }
  const auto outcome = client_.Http(
      {.url = options_.history + "/api/v1/alerts?limit=1&name=" + Escaped(options_.alert),
       .headers = {{"Authorization", "Bearer " + *token}},
       .timeout = base::Millis(2000)},
      {});
  if (!outcome.reply || (outcome.reply->status != 401 && outcome.reply->status != 403)) return {};
  return base::Error{base::ErrorCode::kDenied, "--history-token-file: the history answers " +
                                                   std::to_string(outcome.reply->status) +
                                                   " to this token"};
}

AlertTimes Follow::Times() const {
  const std::lock_guard lock(mutex_);
  return times_;
}

std::string Follow::Text() const {
  if (options_.prometheus.empty() && options_.alertmanager.empty() && options_.history.empty()) {
    return "";
  }
  const std::lock_guard lock(mutex_);
  const std::string stage = StageOf(times_);
  return unknown_.empty() ? stage : stage + " (unknown: " + unknown_ + ")";
}

std::optional<std::string> Follow::Get(const std::string& url, const std::string& token,
                                       const std::stop_token& stop) const {
  base::HttpCall call{.url = url, .timeout = base::Millis(2000), .max_answer_bytes = 8 << 20};
  if (!token.empty()) call.headers["Authorization"] = "Bearer " + token;
  auto outcome = client_.Http(call, stop);
  if (!outcome.reply || outcome.reply->status != 200) return std::nullopt;
  return std::move(outcome.reply->body);
}

void Follow::See(std::optional<base::WallMs> AlertTimes::*what, base::WallMs at) {
  const std::lock_guard lock(mutex_);
  if (!(times_.*what)) times_.*what = at;
}

bool Follow::AskPrometheus(const std::stop_token& stop) {
  const auto body = Get(options_.prometheus + "/api/v1/alerts", "", stop);
  const auto says = body ? ReadPrometheus(*body, options_.alert, since_) : std::nullopt;
  if (!says) return false;
  if (says->pending) See(&AlertTimes::prometheus_pending_at, clock_.Now());
  if (says->firing) See(&AlertTimes::prometheus_firing_at, clock_.Now());
  return true;
}

bool Follow::AskAlertmanager(const std::stop_token& stop) {
  const auto body = Get(options_.alertmanager + "/api/v2/alerts", "", stop);
  const auto found = body ? ReadAlertmanager(*body, options_.alert, since_) : std::nullopt;
  if (!found) return false;
  if (*found) See(&AlertTimes::alertmanager_at, clock_.Now());
  return true;
}

bool Follow::AskHistory(const std::stop_token& stop) {
  const auto token = token_.Read();  // read each time: a rotated one is used at once
  if (!token) return false;
  const std::string alerts = options_.history + "/api/v1/alerts";
  const std::string query =
      "?name=" + Escaped(options_.alert) + "&from=" + std::to_string(since_) + "&limit=100";
  const auto list = Get(alerts + query, *token, stop);
  const auto id = list ? ReadEpisodes(*list, options_.alert, since_) : std::nullopt;
  if (!id || *id == 0) return id.has_value();
  See(&AlertTimes::history_at, clock_.Now());
  const auto body = Get(alerts + "/" + std::to_string(*id), *token, stop);
  const auto says = body ? ReadEpisode(*body) : std::nullopt;
  if (!says) return false;
  if (says->told) See(&AlertTimes::told_at, says->told_at.value_or(clock_.Now()));
  return true;
}

}  // namespace load
