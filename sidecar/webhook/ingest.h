#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/http.h"
#include "base/metrics.h"
#include "base/result.h"
#include "sidecar/cgroup/sampler.h"
#include "sidecar/store/episodes.h"
#include "sidecar/store/store.h"
#include "sidecar/webhook/announce.h"
#include "sidecar/webhook/emergency.h"
#include "sidecar/webhook/episode.h"
#include "sidecar/webhook/payload.h"

namespace sidecar::webhook {

// From an accepted body to rows: raw body, episodes, transitions and messages in ONE transaction,
// and nothing sent within the request. A heartbeat (heartbeat.h) has only its arrival noted, and a
// body of heartbeats alone is not kept. Thread-safe.
class Ingest {
 public:
  // `wake` is called after each commit that may have added messages. `emergency` pages what could
  // not be stored; nullptr: nobody does.
  // `heard` is called with the source of each heartbeat, whether it could be stored or not.
  Ingest(store::Store* store, const cgroup::Sampler* sampler, const base::Clock* clock,
         base::Metrics* metrics, Policy policy, std::function<void()> wake,
         Emergency* emergency = nullptr, std::function<void(const std::string&)> heard = nullptr);

  // Answers for a body from `source` (the name behind the token):
  //   200  all of it is on disk: {"firing": 1, "reopened": 0, "repeat": 0, ...}, alerts by Step
  //   400  it can never parse; kept in `quarantine`
  //   503  it could not be stored (disk full, busy); nothing of it was. Alertmanager tries again.
  //        People are told by Emergency meanwhile
  base::HttpResponse Handle(const std::string& source, const std::string& body);

  // For requests that end before Handle (401, 413): Alertmanager does not send such a flush again,
  // so it is counted as webhooks_total{result="rejected"} and logged.
  void NoteRejected(const base::HttpRequest& request, const base::HttpResponse& answer);

 private:
  base::HttpResponse Quarantine(const std::string& source, const std::string& body,
                                const base::Error& problem);
  base::HttpResponse Unavailable(const base::Error& error);
  void CountSteps(const std::map<Step, int>& steps);

  store::Store* store_;
  const cgroup::Sampler* sampler_;
  const base::Clock* clock_;
  base::Metrics* metrics_;
  const Policy policy_;
  const std::function<void()> wake_;
  Emergency* const emergency_;
  const std::function<void(const std::string&)> heard_;
};

}  // namespace sidecar::webhook
