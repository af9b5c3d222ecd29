#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "sidecar/cgroup/sampler.h"
#include "sidecar/store/store.h"
#include "sidecar/webhook/alertmanager.h"
#include "sidecar/webhook/announce.h"
#include "sidecar/webhook/emergency.h"
#include "sidecar/webhook/reconcile.h"

namespace sidecar::webhook {

struct ReconcileOptions {
  std::vector<std::string> urls;  // of all Alertmanagers that post to this
  std::string receiver;           // whose alerts count
  std::string source;             // of their webhooks: only its episodes are looked at
  ReconcilePolicy policy;
};

// Asks every Alertmanager what fires, and stores what Reconcile makes of it. Counted in
// fraud_sidecar_reconcile_total{result}: "ok" a round in which all answered, "unanswered" and
// "invalid" an Alertmanager that did not, "opened" and "ended" an episode.
class Reconciler {
 public:
  // `wake` is called after a commit that may have added messages. An alert that `emergency` knows
  // is left to its webhook: people were told, which the history does not say yet. nullptr: none is.
  Reconciler(store::Store* store, const cgroup::Sampler* sampler, const base::Clock* clock,
             base::Metrics* metrics, Policy policy, ReconcileOptions options, HttpGet http,
             std::function<void()> wake, Emergency* emergency = nullptr);

  // One round, of at most 30 s for each Alertmanager. By one thread at a time. What cannot be
  // stored is logged, and comes again in the next round.
  void RunOnce(const std::stop_token& stop);

 private:
  [[nodiscard]] Survey Ask(const std::stop_token& stop);
  void NoteAnswer(const std::string& url, const base::Result<ManagerAnswer>& answer);
  base::Status Settle(const Survey& round);
  base::Status Store(const Survey& round, const ReconcilePlan& plan);
  [[nodiscard]] bool IsLeftToWebhook(const std::string& fingerprint) const;
  void Count(const char* result, int by = 1);

  store::Store* store_;
  const cgroup::Sampler* sampler_;
  const base::Clock* clock_;
  base::Metrics* metrics_;
  const Policy policy_;
  const ReconcileOptions options_;
  const HttpGet http_;
  const std::function<void()> wake_;
  Emergency* const emergency_;
  ReconcileMemory memory_;
  std::map<std::string, std::string> problems_;  // by URL, so that each is logged once
};

}  // namespace sidecar::webhook
