#include "sidecar/app.h"

#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "notifier/telegram/token.h"
#include "sidecar/guards.h"
#include "sidecar/options_fleet.h"
#include "sidecar/query/api.h"
#include "sidecar/readiness.h"
#include "sidecar/store_metrics.h"

namespace sidecar {
namespace {

using base::Error;
using base::ErrorCode;
using base::HttpRequest;
using base::HttpResponse;
using base::Status;

constexpr char kOwnName[] = "the name fraud-sidecar is that of the sidecar's own alerts";
constexpr std::size_t kMaxWebhookBytes = 4 << 20;

// Opens --FLAG's file; an empty path leaves *tokens null.
Status Open(const std::string& flag, const std::string& path,
            std::unique_ptr<base::TokenFile>* tokens) {
  if (path.empty()) return {};
  auto opened = base::TokenFile::Open(path);
  if (!opened) return opened.error().Wrap("--" + flag);
  *tokens = std::move(*opened);
  return {};
}

Status CheckCertificates(const std::string& flag, const std::string& path) {
  if (path.empty()) return {};
  const auto text = base::ReadFile(path);
  if (!text) return text.error().Wrap("--" + flag);
  if (text->find("-----BEGIN CERTIFICATE-----") != std::string::npos) return {};
  return Error{ErrorCode::kInvalid, "--" + flag + ": " + path + " holds no certificate (PEM)"};
}

}  // namespace

App::App(const Options& options)
    : options_(options),
      sampler_(cgroup::Reader("", options.target, options.cpu_limit_cores), &clock_) {}

App::~App() { Stop(); }

base::Result<std::unique_ptr<App>> App::Create(const Options& options) {
  std::unique_ptr<App> app(new App(options));
  for (const auto step :
       {&App::OpenTokens, &App::CheckFiles, &App::FindTarget, &App::OpenStore, &App::BindServer}) {
    if (const auto done = (app.get()->*step)(); !done) return done.error();
  }
  return app;
}

Status App::OpenTokens() {
  auto opened = Open("webhook-token-file", options_.webhook_token_file, &webhook_tokens_);
  if (opened && webhook_tokens_->Has(webhook::kOwnSource)) {
    return Error{ErrorCode::kInvalid, std::string("--webhook-token-file: ") + kOwnName};
  }
  // What is asked for would be another alert than what is posted: two episodes, two messages.
  if (opened && !options_.alertmanager_urls.empty() &&
      !webhook_tokens_->Has(options_.alertmanager_source)) {
    return Error{ErrorCode::kInvalid,
                 "--alertmanager-source: no token of --webhook-token-file is named \"" +
                     options_.alertmanager_source + "\""};
  }
  if (opened) opened = Open("query-token-file", options_.query_token_file, &query_tokens_);
  if (opened) opened = Open("write-token-file", options_.write_token_file, &write_tokens_);
  if (opened) opened = Open("peer-token-file", options_.peer_token_file, &peer_tokens_);
  return opened;
}

// Each try reads these again; a wrong path is told now, not at the first alert.
Status App::CheckFiles() {
  if (options_.email) {
    if (auto read = CheckCertificates("smtp-ca-file", options_.email->ca_file); !read) return read;
    if (const std::string& file = options_.email->password_file; !file.empty()) {
      const auto password = base::SecretFile(file).Read();
      if (!password) return password.error().Wrap("--smtp-password-file");
    }
  }
  if (!options_.telegram) return {};
  const auto token = base::SecretFile(options_.telegram->token_file).Read();
  if (!token) return token.error().Wrap("--telegram-token-file");
  if (!notifier::IsBotToken(*token)) {
    return Error{ErrorCode::kInvalid,
                 "--telegram-token-file: " + options_.telegram->token_file + " holds no bot token"};
  }
  return CheckCertificates("telegram-ca-file", options_.telegram->ca_file);
}

Status App::FindTarget() {
  const auto found = sampler_.Measure();
  // The containers of a pod start in any order: one that is searched for may come later.
  const bool searched = !options_.target.pid && options_.target.cgroup.empty();
  if (!found && searched && found.error().code != ErrorCode::kInvalid) return {};
  const char* flag = options_.target.pid ? "--target-pid" : "--target-cgroup";
  return found ? found : Status(found.error().Wrap(flag));
}

Status App::OpenStore() {
  auto opened = store::Store::Open(options_.database, clock_, &metrics_);
  if (!opened) return opened.error().Wrap("--database");
  store_ = std::move(*opened);
  outbox_ = std::make_unique<store::SqliteOutbox>(store_.get(), store::RandomName());
  const auto wake = [this] { WakeDispatchers(); };
  emergency_ = std::make_unique<webhook::Emergency>(&unrecorded_, store_.get(), &clock_, &metrics_,
                                                    Policy(), options_.peers.empty(), wake);
  ingest_ = std::make_unique<webhook::Ingest>(
      store_.get(), &sampler_, &clock_, &metrics_, Policy(), wake, emergency_.get(),
      [this](const auto& source) { watchdog_->Heard(source); });
  test_notification_ = std::make_unique<TestNotification>(store_.get(), outbox_.get(), &clock_,
                                                          Targets(), options_.name, wake);
  WirePeers();
  WireNotification();
  WireChores();
  WireMetrics();
  return {};
}

void App::CollectTokens(base::Sample& out) const {
  const std::pair<const char*, base::TokenFile*> files[] = {{"webhook", webhook_tokens_.get()},
                                                            {"query", query_tokens_.get()},
                                                            {"write", write_tokens_.get()},
                                                            {"peer", peer_tokens_.get()}};
  for (const auto& [scope, tokens] : files) {
    if (tokens == nullptr) continue;
    out.Gauge("fraud_sidecar_token_file_kept_old",
              "1: the file as it is now does not read, the tokens read before count",
              {{"scope", scope}}, tokens->KeepsOld() ? 1 : 0);
  }
}

void App::WireMetrics() {
  webhook_seconds_ =
      &metrics_.AddHistogram("fraud_sidecar_webhook_duration_seconds", "from body read to answer",
                             {}, {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5});
  metrics_.AddCollector([this](base::Sample& out) { sampler_.Collect(out); });
  metrics_.AddCollector([this](base::Sample& out) { CollectStore(*store_, clock_, out); });
  metrics_.AddCollector([this](base::Sample& out) {
    out.Gauge("fraud_sidecar_info", "the running version", {{"version", FRAUD_VERSION}}, 1);
    if (options_.replicas_max) {
      out.Gauge("fraud_model_replicas_max", "the autoscaler's maximum, as it was declared", {},
                *options_.replicas_max);
    }
    CollectTokens(out);
  });
}

Status App::BindServer() {
  auto routes = Routes();
  AddPeerRoutes(&routes);
  auto bound = base::HttpServer::Bind(options_.http, std::move(routes));
  if (!bound) return bound.error().Wrap("--listen");
  server_ = std::move(*bound);
  return {};
}

HttpResponse App::Webhook(const HttpRequest& request) {
  const auto start = clock_.Steady();
  const auto source = TokenName(webhook_tokens_.get(), request);
  // The guard let it pass; the file may have lost the token since.
  if (!source) return Unauthorized(webhook_tokens_.get(), "webhook-token-file");
  if (*source == webhook::kOwnSource) {  // a rotation brought that name
    auto refusal = base::JsonError(403, kOwnName);
    ingest_->NoteRejected(request, refusal);
    return refusal;
  }
  auto response = ingest_->Handle(*source, request.body);
  const std::chrono::duration<double> took = clock_.Steady() - start;
  webhook_seconds_->Observe(took.count());
  return response;
}

std::vector<base::Route> App::Routes() {
  const auto query = Guard(query_tokens_.get(), "query-token-file");
  return {
      {.method = "POST",
       .path = "/api/v1/webhook",
       .handler = [this](const HttpRequest& request) { return Webhook(request); },
       .guard = Guard(webhook_tokens_.get(), "webhook-token-file"),
       .max_body_bytes = kMaxWebhookBytes,
       .refused = [this](const HttpRequest& request,
                         const HttpResponse& answer) { ingest_->NoteRejected(request, answer); }},
      {.method = "GET",
       .path = "/api/v1/alerts",
       .handler = [this](const HttpRequest& request) { return fleet_->List(request); },
       .guard = GuardLocal(query_tokens_.get(), "query-token-file", peer_tokens_.get())},
      {.method = "GET",
       .path = "/api/v1/alerts/*",
       .handler = [this](const HttpRequest& request) { return query::ShowAlert(*store_, request); },
       .guard = query},
      {.method = "POST",
       .path = "/api/v1/test-notification",
       .handler = [this](const HttpRequest&) { return test_notification_->Handle(); },
       .guard = Guard(write_tokens_.get(), "write-token-file"),
       .max_body_bytes = 1024},  // many clients send {}
      {.method = "GET",
       .path = "/healthz",
       .handler = [](const HttpRequest&) { return HttpResponse{.body = "{\"healthy\": true}\n"}; }},
      {.method = "GET",
       .path = "/readyz",
       .handler = [this](const HttpRequest&) { return Readiness(*store_); }},
      base::MetricsRoute(&metrics_),
  };
}

Status App::Start() {
  sampler_worker_->Start();
  for (const auto& worker : dispatcher_workers_) worker->Start();
  for (const auto& chore : chores_) chore->Start();
  server_->Start();
  std::string severities;
  for (const std::string& severity : options_.notify_severities) {
    severities += (severities.empty() ? "" : ",") + severity;
  }
  base::log::Info("started", {{"version", FRAUD_VERSION},
                              {"database", options_.database},
                              {"mailboxes", options_.mail_to.size()},
                              {"chats", options_.telegram_chats.size()},
                              {"notify_severities", severities}});
  if (options_.mail_to.empty() && options_.telegram_chats.empty()) {
    base::log::Warning("nobody_is_told", {{"mend", "--mail-to or --telegram-chat"}});
  } else if (severities.find("critical") == std::string::npos) {
    base::log::Warning("critical_alerts_tell_nobody", {{"mend", "--notify-severities"}});
  }
  for (const std::string& doubt : Doubts(options_)) {
    base::log::Warning("doubtful_setting", {{"doubt", doubt}});
  }
  base::log::Info("http_listening",
                  {{"address", options_.http.address}, {"port", server_->port()}});
  return {};
}

void App::Stop() {
  if (outbox_) outbox_->StopWaiting();
  if (server_) server_->Stop();
  for (const auto& chore : chores_) chore->Stop();
  for (const auto& worker : dispatcher_workers_) worker->Stop();
  if (sampler_worker_) sampler_worker_->Stop();
  if (!std::exchange(stopped_, true) && emergency_) emergency_->LogUnrecorded();
}

}  // namespace sidecar
