#pragma once

#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/curl_client.h"
#include "base/secret_file.h"
#include "bench/load/options.h"

namespace load {

// When the alert was first seen where, by our clock, in steps of a poll; told_at as the history
// says it. Absent: not seen.
struct AlertTimes {
  std::optional<base::WallMs> prometheus_pending_at;
  std::optional<base::WallMs> prometheus_firing_at;
  std::optional<base::WallMs> alertmanager_at;
  std::optional<base::WallMs> history_at;
  std::optional<base::WallMs> told_at;
};

// How far the alert has come: "told", "in the history", "at Alertmanager", "firing", "pending",
// "none".
const char* StageOf(const AlertTimes& times);

// Follows one alert from metric to mailbox by asking who is concerned. Poll is called by one
// thread; Times and Text by any.
class Follow {
 public:
  // Counts what began at `since` or later. `clock` must outlive it.
  Follow(FollowOptions options, base::WallMs since, const base::Clock* clock);

  // Before the attack: kDenied when the history refuses the token, kInvalid when the file holds
  // none. One that does not answer is nothing to complain of yet.
  [[nodiscard]] base::Status CheckHistory() const;

  // Asks each once, 2 s at most for each. Who does not answer, or not with 200, is unknown until he
  // does; what was seen stays seen.
  void Poll(const std::stop_token& stop);

  [[nodiscard]] AlertTimes Times() const;
  // The stage, and who could not be asked: "pending (unknown: history)". "" with nobody to ask.
  [[nodiscard]] std::string Text() const;

 private:
  // The body of a 200, else nullopt.
  std::optional<std::string> Get(const std::string& url, const std::string& token,
                                 const std::stop_token& stop) const;
  bool AskPrometheus(const std::stop_token& stop);
  bool AskAlertmanager(const std::stop_token& stop);
  bool AskHistory(const std::stop_token& stop);
  void AddUnknown(const std::string& url, const char* name);
  void See(std::optional<base::WallMs> AlertTimes::*what, base::WallMs at);

  const FollowOptions options_;
  const base::WallMs since_;
  const base::Clock& clock_;
  const base::CurlClient client_;
  const base::SecretFile token_;
  mutable std::mutex mutex_;
  AlertTimes times_;
  std::string unknown_;
};

}  // namespace load
