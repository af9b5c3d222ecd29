#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

// What Prometheus, Alertmanager and the history say of an alert, read from their answers. Only an
// alert that began at `since` or later counts: an older one is not ours. An answer that cannot be
// read says nothing (nullopt): unknown.
namespace load {

struct PrometheusSays {
  bool pending = false;  // or firing already
  bool firing = false;
};
// GET /api/v1/alerts of Prometheus: data.alerts[] {labels.alertname, state, activeAt}.
std::optional<PrometheusSays> ReadPrometheus(std::string_view body, const std::string& alert,
                                             base::WallMs since);

// GET /api/v2/alerts of Alertmanager: [] {labels.alertname, startsAt}. Whether it has the alert.
std::optional<bool> ReadAlertmanager(std::string_view body, const std::string& alert,
                                     base::WallMs since);

// GET /api/v1/alerts of fraud-sidecar: alerts[] {id, name, starts_at}. The newest episode's id, 0
// when there is none.
std::optional<std::int64_t> ReadEpisodes(std::string_view body, const std::string& alert,
                                         base::WallMs since);

struct EpisodeSays {
  bool told = false;  // a notification with FIRING in its subject is in state delivered
  // When the try ended that delivered the first such one, by the history's clock; absent when its
  // tries do not say.
  std::optional<base::WallMs> told_at;
};
// GET /api/v1/alerts/{id}: notifications[] {state, subject, attempts[] {outcome, ended_at}}.
std::optional<EpisodeSays> ReadEpisode(std::string_view body);

}  // namespace load
