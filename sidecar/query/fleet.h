#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/http.h"
#include "sidecar/peers/asker.h"
#include "sidecar/peers/roster.h"
#include "sidecar/query/merge.h"
#include "sidecar/store/find.h"
#include "sidecar/store/store.h"

namespace sidecar::query {

// The history of all sidecars as one. Thread-safe.
class Fleet {
 public:
  static constexpr base::Millis kTimeout{2'000};
  static constexpr std::size_t kMaxAnswerBytes = 8 << 20;
  // Requests that ask the peers at once. Each holds a thread of the server that webhooks need too;
  // who comes in addition sees this sidecar's own list, and the others as incomplete.
  static constexpr int kMaxAsking = 2;

  // `peers` as --peer, `name` this sidecar's. The pointers outlive it.
  Fleet(const store::Store* store, const peers::Asker* asker, const peers::Roster* roster,
        std::vector<std::string> peers, int position, std::string name);

  // GET /api/v1/alerts. scope=local lists what this sidecar has, as ListAlerts. Else all peers are
  // asked the same: {"alerts": [episode + "receivers": [{"name", "id", "url"}]], "next_cursor",
  // "receiver", "incomplete": [names of those that did not answer], "misconfigured": [{"peer",
  // "reason", "mend"}]}. One that is this sidecar itself is not asked. An episode's "id" is this
  // sidecar's own, null when only others have it. A cursor of one scope is none of the other.
  base::HttpResponse List(const base::HttpRequest& request);

 private:
  base::Result<std::vector<Source>> Ask(const base::HttpRequest& request,
                                        const store::Filter& filter,
                                        const std::vector<Place>& places);
  base::Status AskOwn(store::Filter filter, const Place& place, Source* source) const;

  const store::Store* store_;
  const peers::Asker* asker_;
  const peers::Roster* roster_;
  const std::vector<std::string> urls_;
  const std::size_t position_;
  const std::string name_;
  std::atomic<int> asking_ = 0;
};

}  // namespace sidecar::query
