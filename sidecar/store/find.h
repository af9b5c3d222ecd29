#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "sidecar/store/episodes.h"

// Reading the history.
namespace sidecar::store {

// Which episodes; an unset field lets all pass.
struct Filter {
  std::optional<bool> open;
  std::string severity;
  std::string name;
  std::string source;
  std::map<std::string, std::string> labels;  // each must be equal
  std::optional<base::WallMs> from_ms;        // episodes that had not ended by then
  std::optional<base::WallMs> to_ms;          // episodes that had begun by then
  int limit = 100;
  std::optional<std::int64_t> before_id;  // the cursor: older ones than this
};

struct Page {
  std::vector<EpisodeRow> episodes;            // newest first
  std::optional<std::int64_t> next_before_id;  // there are more
};

base::Result<Page> FindEpisodes(const Store& store, const Filter& filter);

struct EpisodeDetail {
  EpisodeRow episode;
  std::vector<TransitionRow> transitions;      // oldest first
  std::vector<NotificationRow> notifications;  // each with every try
};
// kNotFound: no such episode.
base::Result<EpisodeDetail> FindEpisode(const Store& store, std::int64_t id);

}  // namespace sidecar::store
