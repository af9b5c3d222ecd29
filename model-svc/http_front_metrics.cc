#include "model-svc/http_front_metrics.h"

#include <algorithm>

namespace model::http_front {
namespace {

// 2 s is a bound because the p95 rule asks for it.
const std::vector<double>& Buckets() {
  static const std::vector<double> buckets = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                              0.01,   0.025,   0.05,   0.1,   0.25,   0.5,
                                              1,      2,       5,      10};
  return buckets;
}

std::string MethodLabel(std::string_view method) {
  constexpr std::array<std::string_view, 9> kKnown = {
      "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"};
  const bool known = std::find(kKnown.begin(), kKnown.end(), method) != kKnown.end();
  return std::string(known ? method : "other");
}

}  // namespace

RequestMetrics::RequestMetrics(base::Metrics* metrics, const Routes* routes,
                               const std::shared_ptr<const std::atomic<int>>& open)
    : metrics_(metrics), routes_(routes) {
  if (metrics == nullptr) return;
  for (std::size_t path = 0; path < routes->count(); ++path) {
    durations_.push_back(&metrics->AddHistogram(
        "http_request_duration_seconds", "From the request line to the answer's being ready.",
        {{"path", routes->Name(path)}}, Buckets()));
  }
  for (const base::Route& route : routes->all()) {
    by_route_.push_back(std::make_unique<ByCode>());
    by_route_.back()->front() = &Find(route.method, routes->FindPath(route.path), kFirstCode);
  }
  const auto shed = [metrics](const char* reason) {
    return &metrics->AddCounter("ml_model_requests_shed_total",
                                "Requests refused with 503 because there were too many.",
                                {{"reason", reason}});
  };
  shed_connections_ = shed("connections");
  shed_memory_ = shed("memory");
  shed_per_ip_ = shed("per_ip");
  metrics->AddCollector([open](base::Sample& sample) {
    sample.Gauge("http_connections", "Open connections of the public port.", {}, *open);
  });
}

base::Counter& RequestMetrics::Find(std::string_view method, std::size_t path, int code) {
  return metrics_->AddCounter("http_requests_total", "Answers of the public port.",
                              {{"method", MethodLabel(method)},
                               {"path", routes_->Name(path)},
                               {"code", std::to_string(code)}});
}

void RequestMetrics::Answered(std::string_view method, std::size_t path, const base::Route* route,
                              int code, double seconds) {
  if (metrics_ == nullptr) return;
  if (path < durations_.size()) durations_[path]->Observe(seconds);
  const int index = code - kFirstCode;
  if (route == nullptr || method != route->method || index < 0 || index >= kCodes) {
    Find(method, path, code).Increment();
    return;
  }
  auto& slot = (*by_route_[routes_->IndexOf(route)])[static_cast<std::size_t>(index)];
  base::Counter* counter = slot.load(std::memory_order_acquire);
  if (counter == nullptr) {
    counter = &Find(method, path, code);
    slot.store(counter, std::memory_order_release);
  }
  counter->Increment();
}

void RequestMetrics::Shed(ShedReason reason) {
  if (metrics_ == nullptr) return;
  switch (reason) {
    case ShedReason::kConnections:
      shed_connections_->Increment();
      break;
    case ShedReason::kMemory:
      shed_memory_->Increment();
      break;
    case ShedReason::kPerIp:
      shed_per_ip_->Increment();
      break;
  }
}

}  // namespace model::http_front
