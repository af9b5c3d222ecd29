#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Metrics in the Prometheus text format, over prometheus-cpp's core.
namespace base {

using Labels = std::map<std::string, std::string>;

// Adds to a counter that the process itself counts. Cheap and thread-safe; lives as long as its
// Metrics.
class Counter {
 public:
  virtual ~Counter() = default;
  virtual void Increment(double by = 1) = 0;
};

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void Observe(double value) = 0;
  // All of them at once, for a fraction of the cost.
  virtual void Observe(std::span<const float> values) = 0;
};

// What a collector hands over at a scrape. A value that is unknown is simply not added: it is then
// absent, never 0.
class Sample {
 public:
  virtual ~Sample() = default;
  virtual void Gauge(std::string_view name, std::string_view help, const Labels& labels,
                     double value) = 0;
  virtual void Count(std::string_view name, std::string_view help, const Labels& labels,
                     double value) = 0;
};
using Collector = std::function<void(Sample&)>;

// All families of one process. Every function may be called from any thread.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The same name and labels give the same counter. A new one starts at 0 and is exported at once.
  Counter& AddCounter(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram& AddHistogram(const std::string& name, const std::string& help, const Labels& labels,
                          const std::vector<double>& buckets);
  // Called at each Text(), on the caller's thread, in the order of adding; must not call back into
  // Metrics.
  void AddCollector(Collector collector);

  // The exposition, text format 0.0.4.
  [[nodiscard]] std::string Text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace base
