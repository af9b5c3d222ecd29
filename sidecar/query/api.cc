#include "sidecar/query/api.h"

#include "sidecar/query/answer.h"
#include "sidecar/query/filter.h"
#include "sidecar/store/find.h"

namespace sidecar::query {

base::HttpResponse ListAlerts(const store::Store& store, const base::HttpRequest& request,
                              const std::string& name) {
  auto parameters = request.query;
  parameters.erase("scope");  // what this lists is local
  const auto filter = ParseFilter(parameters);
  if (!filter) return Failure(filter.error());
  auto page = store::FindEpisodes(store, *filter);
  if (!page) return Failure(page.error());
  Listing listing{.receiver = name};
  listing.entries.reserve(page->episodes.size());
  for (auto& row : page->episodes) {
    Entry entry;
    if (!name.empty()) entry.receipts.push_back({.name = name, .id = row.id});
    entry.episode = std::move(row);
    listing.entries.push_back(std::move(entry));
  }
  if (page->next_before_id) listing.next_cursor = std::to_string(*page->next_before_id);
  return ListingAnswer(listing);
}

base::HttpResponse ShowAlert(const store::Store& store, const base::HttpRequest& request) {
  const auto id = ParseId(request.captures.at(0));
  if (!id) return Failure(id.error());
  const auto detail = store::FindEpisode(store, *id);
  return detail ? DetailAnswer(*detail) : Failure(detail.error());
}

}  // namespace sidecar::query
