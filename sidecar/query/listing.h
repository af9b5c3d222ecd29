#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sidecar/store/episodes.h"

namespace sidecar::query {

// A peer's answer to GET /api/v1/alerts?scope=local.
struct PeerListing {
  std::string name;
  std::vector<store::EpisodeRow> episodes;
  bool more = false;
};

// kInvalid: it is none, a field lacks or is of another type, there are more than `most` episodes,
// or they are not ordered by falling id.
base::Result<PeerListing> ParseListing(const std::string& text, std::size_t most);

}  // namespace sidecar::query
