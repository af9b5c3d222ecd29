#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "model-svc/http_front_routes.h"

// Private to http_front.
namespace model::http_front {

enum class ShedReason { kConnections, kMemory, kPerIp };

// http_requests_total{method,path,code}, http_request_duration_seconds{path} (from the request line
// to the answer's being ready), ml_model_requests_shed_total{reason}, http_connections. Label
// values are bounded: unknown paths and methods are "other". Thread-safe.
class RequestMetrics {
 public:
  // Does nothing when `metrics` is null.
  RequestMetrics(base::Metrics* metrics, const Routes* routes,
                 const std::shared_ptr<const std::atomic<int>>& open);
  // `route` may be null.
  void Answered(std::string_view method, std::size_t path, const base::Route* route, int code,
                double seconds);
  void Shed(ShedReason reason);

 private:
  static constexpr int kFirstCode = 200;
  static constexpr int kCodes = 400;
  // Counters of one route with its own method, found without a lock once they are there.
  using ByCode = std::array<std::atomic<base::Counter*>, kCodes>;

  base::Counter& Find(std::string_view method, std::size_t path, int code);

  base::Metrics* const metrics_;
  const Routes* const routes_;
  std::vector<std::unique_ptr<ByCode>> by_route_;
  std::vector<base::Histogram*> durations_;  // by path
  base::Counter* shed_connections_ = nullptr;
  base::Counter* shed_memory_ = nullptr;
  base::Counter* shed_per_ip_ = nullptr;
};

}  // namespace model::http_front
