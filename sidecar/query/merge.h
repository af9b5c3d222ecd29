#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "sidecar/store/episodes.h"

// One list of episodes out of several sidecars' lists. Pure.
namespace sidecar::query {

// Where an entry was found.
struct Receipt {
  std::string name;
  std::int64_t id = 0;  // there
  std::string url;      // of the episode there; "": not known
};

struct Entry {
  store::EpisodeRow episode;  // id: the own sidecar's, 0 when only others have it
  std::vector<Receipt> receipts;
};

// How far one receiver's list was read.
struct Place {
  std::optional<std::int64_t> before_id;  // absent: nothing yet
  std::set<std::int64_t> taken;           // beyond that: shown already, with their twins
  bool dropped = false;                   // it did not answer, and is not asked again
};

// What a receiver answered: its episodes before its place, newest first.
struct Source {
  std::string name;
  std::string url;  // of the receiver, "" not known
  bool own = false;
  std::optional<std::vector<store::EpisodeRow>> episodes;  // absent: no answer
  bool more = false;
};

struct Merged {
  std::vector<Entry> entries;
  std::vector<Place> places;  // where the next page begins
  bool more = false;
};

// The newest `limit` of all sources, by the time each was first seen. Episodes of one alert whose
// intervals overlap, at most one of each source, are one entry: earliest start and first sight,
// latest last sight, seen_count summed; its other fields are the own sidecar's, or the first's. It
// is open while one that is open was heard firing after every end, else it has the latest end.
// `places` has one for each source. Fewer than `limit` may come while there are more: a list that
// was read to its end stops the page. Twins are seen as such when each source's answer goes
// kLookAhead rows beyond `limit` and they are at most so far apart in their lists.
Merged Merge(const std::vector<Source>& sources, std::vector<Place> places, std::size_t limit);

// The places as one word of [a-z0-9._-], at most kMaxTaken taken ones each.
std::string PlacesText(const std::vector<Place>& places);
// kInvalid: PlacesText did not write it for `count` receivers.
base::Result<std::vector<Place>> ParsePlaces(const std::string& text, std::size_t count);
inline constexpr std::size_t kMaxTaken = 500;
inline constexpr int kLookAhead = 50;

}  // namespace sidecar::query
