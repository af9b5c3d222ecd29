#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "sidecar/store/database.h"

// What is asked and noted when Alertmanagers are asked what fires. Inside the caller's Work.
namespace sidecar::store {

// An open episode, without its texts.
struct OpenEpisode {
  std::int64_t id = 0;
  std::string fingerprint;
  base::WallMs last_seen_ms = 0;             // when a webhook last said that it fires
  std::optional<base::WallMs> listed_at_ms;  // when an Alertmanager last listed it
  bool silenced = false;                     // there
};

base::Result<std::vector<OpenEpisode>> OpenEpisodes(const Database& database,
                                                    const std::string& source);

// An Alertmanager lists an open episode's alert at `now`.
base::Status MarkListed(const Database& database, std::int64_t id, base::WallMs now, bool silenced);

}  // namespace sidecar::store
