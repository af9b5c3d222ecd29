#include "sidecar/query/fleet.h"

#include <algorithm>

#include "base/escape.h"
#include "base/log.h"
#include "sidecar/query/answer.h"
#include "sidecar/query/api.h"
#include "sidecar/query/filter.h"
#include "sidecar/query/listing.h"

namespace sidecar::query {
namespace {

using base::Error;
using base::ErrorCode;
using base::HttpRequest;

using Parameters = std::multimap<std::string, std::string>;

// How many rows of one source are asked: some of them were shown before.
int Wanted(int limit, const Place& place) {
  return std::min(kMaxLimit, limit + kLookAhead + static_cast<int>(place.taken.size()));
}

std::string LocalPath(const HttpRequest& request, int limit, const Place& place) {
  std::string path = "/api/v1/alerts?scope=local&limit=" + std::to_string(Wanted(limit, place));
  if (place.before_id) path += "&cursor=" + std::to_string(*place.before_id);
  for (const auto& [name, value] : request.query) {
    if (name != "scope" && name != "limit" && name != "cursor") {
      path += "&" + base::PercentEncoded(name) + "=" + base::PercentEncoded(value);
    }
  }
  return path;
}

// Takes the one value of `name` out of the parameters; "": it is not there.
base::Result<std::string> Take(const std::string& name, Parameters* parameters) {
  const auto found = parameters->find(name);
  if (found == parameters->end()) return std::string();
  std::string value = found->second;
  if (parameters->erase(name) > 1) {
    return Error{ErrorCode::kInvalid, name + ": given more than once"};
  }
  if (value.empty()) return Error{ErrorCode::kInvalid, name + ": empty"};
  return value;
}

// Counts those who ask, for as long as it lives.
class Asking {
 public:
  explicit Asking(std::atomic<int>* count) : count_(count), number_(++*count) {}
  ~Asking() { --*count_; }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  std::atomic<int>* count_;
  const int number_;
};

void Hear(const peers::Letter& letter, int limit, const base::Result<std::string>& body,
          const peers::Asker& asker, Source* source) {
  if (!body) {
    base::log::Warning("peer_not_listed",
                       {{"peer", letter.to.name}, {"error", body.error().message}});
    return;
  }
  auto listing = ParseListing(*body, static_cast<std::size_t>(limit));
  if (!listing) return asker.NoteGarbage(letter.to, listing.error().message);
  source->name = std::move(listing->name);
  source->episodes = std::move(listing->episodes);
  source->more = listing->more;
}

}  // namespace

Fleet::Fleet(const store::Store* store, const peers::Asker* asker, const peers::Roster* roster,
             std::vector<std::string> peers, int position, std::string name)
    : store_(store),
      asker_(asker),
      roster_(roster),
      urls_(std::move(peers)),
      position_(static_cast<std::size_t>(position)),
      name_(std::move(name)) {}

base::Status Fleet::AskOwn(store::Filter filter, const Place& place, Source* source) const {
  filter.limit = Wanted(filter.limit, place);
  filter.before_id = place.before_id;
  auto page = store::FindEpisodes(*store_, filter);
  if (!page) return page.error();
  source->name = name_;
  source->own = true;
  source->episodes = std::move(page->episodes);
  source->more = page->next_before_id.has_value();
  return {};
}

base::Result<std::vector<Source>> Fleet::Ask(const HttpRequest& request,
                                             const store::Filter& filter,
                                             const std::vector<Place>& places) {
  std::vector<Source> sources(urls_.size());
  for (std::size_t i = 0; i < urls_.size(); ++i) sources[i].url = urls_[i];
  if (auto own = AskOwn(filter, places[position_], &sources[position_]); !own) return own.error();

  std::vector<peers::Letter> letters;
  letters.reserve(asker_->others().size());
  for (const peers::Peer& peer : asker_->others()) {
    const auto at = static_cast<std::size_t>(peer.position);
    sources[at].name = peer.name;
    if (places[at].dropped || roster_->IsItself(peer)) continue;
    letters.push_back({.to = peer, .path = LocalPath(request, filter.limit, places[at])});
  }
  const Asking asking(&asking_);
  if (asking.number() > kMaxAsking) return sources;
  const auto bodies =
      asker_->Ask(letters, {.timeout = kTimeout, .max_answer_bytes = kMaxAnswerBytes}, {});
  for (std::size_t i = 0; i < letters.size(); ++i) {
    const auto at = static_cast<std::size_t>(letters[i].to.position);
    Hear(letters[i], Wanted(filter.limit, places[at]), bodies[i], *asker_, &sources[at]);
  }
  return sources;
}

base::HttpResponse Fleet::List(const HttpRequest& request) {
  Parameters parameters = request.query;
  const auto scope = Take("scope", &parameters);
  if (!scope) return Failure(scope.error());
  if (!scope->empty() && *scope != "local") {
    return Failure({ErrorCode::kInvalid, "scope: not local"});
  }
  if (*scope == "local" || urls_.size() < 2) return ListAlerts(*store_, request, name_);

  const auto cursor = Take("cursor", &parameters);
  if (!cursor) return Failure(cursor.error());
  auto places =
      cursor->empty() ? std::vector<Place>(urls_.size()) : ParsePlaces(*cursor, urls_.size());
  if (!places) return Failure(places.error());
  const auto filter = ParseFilter(parameters);
  if (!filter) return Failure(filter.error());

  const auto sources = Ask(request, *filter, *places);
  if (!sources) return Failure(sources.error());
  const int limit = std::min(filter->limit, kMaxLimit - kLookAhead);
  Merged merged = Merge(*sources, std::move(*places), static_cast<std::size_t>(limit));
  Listing listing{.entries = std::move(merged.entries),
                  .next_cursor = merged.more ? PlacesText(merged.places) : "",
                  .receiver = name_,
                  .incomplete = std::vector<std::string>(),
                  .misconfigured = roster_->Findings()};
  for (const Source& source : *sources) {
    if (!source.episodes) listing.incomplete->push_back(source.name);
  }
  return ListingAnswer(listing);
}

}  // namespace sidecar::query
