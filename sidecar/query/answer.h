#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/http.h"
#include "base/result.h"
#include "sidecar/peers/roster.h"
#include "sidecar/query/merge.h"
#include "sidecar/store/find.h"

// What the history looks like as JSON.
namespace sidecar::query {

struct Listing {
  std::vector<Entry> entries;
  std::string next_cursor;                             // "": there are no more
  std::string receiver;                                // who answers; "" leaves it out
  std::optional<std::vector<std::string>> incomplete;  // receivers that did not answer
  std::vector<peers::Roster::Finding> misconfigured;   // shown beside `incomplete`
};

base::HttpResponse ListingAnswer(const Listing& listing);
base::HttpResponse DetailAnswer(const store::EpisodeDetail& detail);
// 400 with the parameter that the message begins with, 404, or 503.
base::HttpResponse Failure(const base::Error& error);

}  // namespace sidecar::query
