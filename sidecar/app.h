#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/curl_client.h"
#include "base/http_server.h"
#include "base/metrics.h"
#include "base/periodic_worker.h"
#include "base/result.h"
#include "base/secret_file.h"
#include "notifier/channel.h"
#include "notifier/dispatcher.h"
#include "sidecar/cgroup/sampler.h"
#include "sidecar/options.h"
#include "sidecar/peers/asker.h"
#include "sidecar/peers/courier.h"
#include "sidecar/peers/peer_gate.h"
#include "sidecar/peers/roster.h"
#include "sidecar/query/fleet.h"
#include "sidecar/store/outbox.h"
#include "sidecar/store/retention.h"
#include "sidecar/store/store.h"
#include "sidecar/test_notification.h"
#include "sidecar/webhook/herald.h"
#include "sidecar/webhook/ingest.h"
#include "sidecar/webhook/reconciler.h"
#include "sidecar/webhook/watchdog.h"

namespace sidecar {

// Owns and wires everything, as members in the order in which they need each other. Create opens
// files and binds the port, Start begins to measure, deliver and answer, Stop ends that in reverse
// and may be called from the thread that called Start only.
class App {
 public:
  // The Error is one sentence for the person who starts the program: a missing token file, a
  // database that cannot be written, an unknown target, a port that is taken.
  static base::Result<std::unique_ptr<App>> Create(const Options& options);
  ~App();  // Stop()
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  base::Status Start();  // never fails
  void Stop();
  [[nodiscard]] int port() const { return server_->port(); }

 private:
  explicit App(const Options& options);
  base::Status OpenTokens();
  [[nodiscard]] base::Status CheckFiles();
  base::Status OpenStore();
  base::Status FindTarget();
  void WirePeers();
  [[nodiscard]] peers::Identity OwnIdentity() const;
  void WireNotification();
  void WireChores();
  void WireAlertmanagers();
  void WireRetention();
  void WireMetrics();
  void CollectTokens(base::Sample& out) const;
  base::Status BindServer();
  [[nodiscard]] std::vector<base::Route> Routes();
  void AddPeerRoutes(std::vector<base::Route>* routes);
  base::HttpResponse Webhook(const base::HttpRequest& request);
  [[nodiscard]] webhook::Policy Policy() const;
  [[nodiscard]] std::vector<notifier::Recipient> Targets() const;
  void WakeDispatchers();

  const Options options_;
  base::RealClock clock_;
  base::Metrics metrics_;
  base::Histogram* webhook_seconds_ = nullptr;
  base::CurlClient curl_;
  std::unique_ptr<base::TokenFile> webhook_tokens_, query_tokens_, write_tokens_, peer_tokens_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::SqliteOutbox> outbox_;
  cgroup::Sampler sampler_;
  notifier::MemoryOutbox unrecorded_{webhook::Emergency::kMaxMessages};
  std::unique_ptr<webhook::Emergency> emergency_;
  std::unique_ptr<peers::Asker> asker_;
  const std::string run_ = store::RandomName();  // of this process, to its peers
  std::unique_ptr<peers::Roster> roster_;
  std::unique_ptr<peers::PeerGate> gate_;
  std::unique_ptr<peers::Courier> courier_;
  std::unique_ptr<query::Fleet> fleet_;
  std::unique_ptr<webhook::Ingest> ingest_;
  std::unique_ptr<webhook::Reconciler> reconciler_;
  std::unique_ptr<webhook::Watchdog> watchdog_;
  std::unique_ptr<webhook::Herald> herald_;
  std::unique_ptr<store::Retention> retention_;
  std::unique_ptr<TestNotification> test_notification_;
  std::vector<std::unique_ptr<notifier::Channel>> channels_;
  std::unique_ptr<notifier::Network> network_;
  std::vector<std::unique_ptr<notifier::TryReport>> reports_;
  std::vector<std::unique_ptr<notifier::Dispatcher>> dispatchers_;
  std::vector<std::unique_ptr<base::PeriodicWorker>> dispatcher_workers_;
  std::unique_ptr<base::PeriodicWorker> sampler_worker_;
  std::vector<std::unique_ptr<base::PeriodicWorker>> chores_;
  std::unique_ptr<base::HttpServer> server_;
  bool stopped_ = false;
};

}  // namespace sidecar
