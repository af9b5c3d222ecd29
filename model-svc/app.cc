#include "model-svc/app.h"

#include "base/log.h"
#include "base/memory.h"
#include "model-svc/openapi.h"
#include "model-svc/stress.h"

namespace model {
namespace {

using base::HttpRequest;
using base::HttpResponse;
using base::Status;

constexpr std::size_t kMaxPredictBytes = 16 << 10;
constexpr std::size_t kMaxBatchBytes = 2 << 20;  // 1,000 rows with all features are 0.5 MB
// An autoscaler that looks at memory must see a burst end.
constexpr base::Millis kReturnMemoryEvery{10'000};

}  // namespace

App::App(const Options& options)
    : options_(options),
      champion_(options.model_folder, &metrics_),
      handler_(&champion_, options.reset_terminal_id, &clock_, &metrics_),
      memory_worker_(kReturnMemoryEvery, [](const std::stop_token&) { base::ReturnFreeMemory(); }) {
}

App::~App() { Stop(); }

base::Result<std::unique_ptr<App>> App::Create(const Options& options) {
  std::unique_ptr<App> app(new App(options));
  for (const auto step : {&App::LoadModel, &App::BindPublic, &App::BindAdmin}) {
    if (const auto done = (app.get()->*step)(); !done) return done.error();
  }
  return app;
}

Status App::LoadModel() {
  const auto loaded = champion_.Reload();
  return loaded ? loaded : Status(loaded.error().Wrap("--model-folder"));
}

Status App::BindPublic() {
  HttpFrontOptions http = options_.http;
  http.metrics = &metrics_;
  auto bound = HttpFront::Bind(http, PublicRoutes());
  if (!bound) return bound.error().Wrap("--listen");
  public_ = std::move(*bound);
  return {};
}

Status App::BindAdmin() {
  auto bound = HttpFront::Bind(options_.admin, AdminRoutes());
  if (!bound) return bound.error().Wrap("--admin-listen");
  admin_ = std::move(*bound);
  return {};
}

std::vector<base::Route> App::PublicRoutes() {
  std::vector<base::Route> routes = {
      {.method = "POST",
       .path = "/predict",
       .handler = [this](const HttpRequest& request) { return handler_.Predict(request); },
       .max_body_bytes = kMaxPredictBytes},
      {.method = "POST",
       .path = "/predict/batch",
       .handler = [this](const HttpRequest& request) { return handler_.PredictBatch(request); },
       .max_body_bytes = kMaxBatchBytes},
      {.method = "GET",
       .path = "/model",
       .handler = [this](const HttpRequest&) { return handler_.ShowModel(); }},
      {.method = "GET",
       .path = "/openapi.yaml",
       .handler =
           [](const HttpRequest&) {
             return HttpResponse{.content_type = "application/yaml", .body = kOpenapi};
           }},
  };
  if (options_.stress) {
    routes.push_back(
        {.method = "POST",
         .path = "/cpu",
         .handler = [this](const HttpRequest& request) { return BurnCpu(request, clock_); },
         .max_body_bytes = 1024});
  }
  return routes;
}

HttpResponse App::Ready() const {
  if (!serving_) return base::JsonError(503, "starting or ending");
  if (!champion_.Current()) return base::JsonError(503, "no model");
  return {.body = "{\"ready\": true}\n"};
}

HttpResponse App::Reload() {
  if (reloading_.exchange(true)) return base::JsonError(409, "a reload is under way");
  const auto reloaded = champion_.Reload();
  reloading_ = false;
  if (!reloaded) {
    base::log::Error("model_refused", {{"error", reloaded.error().message}});
    return base::JsonError(500, reloaded.error().message);
  }
  base::log::Info("model_loaded", {{"model_version", champion_.Current()->version}});
  return handler_.ShowModel();
}

std::vector<base::Route> App::AdminRoutes() {
  return {
      {.method = "GET",
       .path = "/health",
       .handler = [](const HttpRequest&) { return HttpResponse{.body = "{\"healthy\": true}\n"}; }},
      {.method = "GET",
       .path = "/ready",
       .handler = [this](const HttpRequest&) { return Ready(); }},
      base::MetricsRoute(&metrics_),
      {.method = "POST",
       .path = "/-/reload",
       .handler = [this](const HttpRequest&) { return Reload(); },
       .max_body_bytes = 1024},  // many clients send {}
  };
}

Status App::Start() {
  for (HttpFront* front : {public_.get(), admin_.get()}) {
    if (auto started = front->Start(); !started) return started;
  }
  memory_worker_.Start();
  serving_ = true;
  const auto model = champion_.Current();
  base::log::Info("started", {{"version", FRAUD_VERSION},
                              {"model_version", model->version},
                              {"trees_bytes", model->forest.bytes()}});
  base::log::Info("http_listening", {{"address", options_.http.address},
                                     {"port", public_->port()},
                                     {"admin_address", options_.admin.address},
                                     {"admin_port", admin_->port()}});
  return {};
}

void App::Stop() {
  serving_ = false;
  if (public_) public_->Stop();
  if (admin_) admin_->Stop();
  memory_worker_.Stop();
}

}  // namespace model
