#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <mutex>
#include <utility>

#include "base/log.h"

namespace base {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

class OwnCounter final : public Counter {
 public:
  explicit OwnCounter(prometheus::Counter* counter) : counter_(counter) {}
  void Increment(double by) override { counter_->Increment(by); }

 private:
  prometheus::Counter* const counter_;
};

class OwnHistogram final : public Histogram {
 public:
  OwnHistogram(prometheus::Histogram* histogram, const std::vector<double>& bounds)
      : histogram_(histogram), bounds_(bounds) {}
  void Observe(double value) override { histogram_->Observe(value); }
  void Observe(std::span<const float> values) override {
    std::vector<double> counts(bounds_.size() + 1);  // the last: above all bounds
    double sum = 0;
    for (const float value : values) {
      const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value);
      counts[static_cast<std::size_t>(bucket - bounds_.begin())] += 1;
      sum += value;
    }
    histogram_->ObserveMultiple(counts, sum);
  }

 private:
  prometheus::Histogram* const histogram_;
  const std::vector<double> bounds_;
};

// Gathers what collectors hand over into the families of the registry. A second value for the same
// name and labels, or one of another type, would make Prometheus refuse the whole scrape: the first
// stays.
class Gatherer final : public Sample {
 public:
  explicit Gatherer(std::vector<MetricFamily> families) : families_(std::move(families)) {
    for (std::size_t i = 0; i < families_.size(); ++i) index_.emplace(families_[i].name, i);
  }

  void Gauge(std::string_view name, std::string_view help, const Labels& labels,
             double value) override {
    ClientMetric* metric = Add(name, help, labels, MetricType::Gauge);
    if (metric != nullptr) metric->gauge.value = value;
  }

  void Count(std::string_view name, std::string_view help, const Labels& labels,
             double value) override {
    ClientMetric* metric = Add(name, help, labels, MetricType::Counter);
    if (metric != nullptr) metric->counter.value = value;
  }

  [[nodiscard]] const std::vector<MetricFamily>& families() const { return families_; }

 private:
  ClientMetric* Add(std::string_view name, std::string_view help, const Labels& labels,
                    MetricType type) {
    const auto [at, added] = index_.emplace(std::string(name), families_.size());
    if (added) families_.push_back({std::string(name), std::string(help), type, {}});
    MetricFamily& family = families_[at->second];
    std::vector<ClientMetric::Label> label;
    for (const auto& [key, text] : labels) label.push_back({key, text});
    const auto same = [&](const ClientMetric& other) { return other.label == label; };
    if (family.type != type || std::any_of(family.metric.begin(), family.metric.end(), same)) {
      return nullptr;
    }
    family.metric.emplace_back();
    family.metric.back().label = std::move(label);
    return &family.metric.back();
  }

  std::vector<MetricFamily> families_;
  std::map<std::string, std::size_t> index_;
};

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  mutable std::mutex mutex;
  // Families by name and metrics by name and labels: the same ask gives the same object. A deque
  // keeps references valid while it grows.
  std::map<std::string, prometheus::Family<prometheus::Counter>*> counter_families;
  std::map<std::string, prometheus::Family<prometheus::Histogram>*> histogram_families;
  std::map<std::pair<std::string, Labels>, std::unique_ptr<Counter>> counters;
  std::map<std::pair<std::string, Labels>, std::unique_ptr<Histogram>> histograms;
  std::deque<Collector> collectors;  // only grows
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::AddCounter(const std::string& name, const std::string& help,
                             const Labels& labels) {
  const std::lock_guard lock(impl_->mutex);
  std::unique_ptr<Counter>& counter = impl_->counters[{name, labels}];
  if (counter == nullptr) {
    auto*& family = impl_->counter_families[name];
    if (family == nullptr) {
      family = &prometheus::BuildCounter().Name(name).Help(help).Register(impl_->registry);
    }
    counter = std::make_unique<OwnCounter>(&family->Add(labels));
  }
  return *counter;
}

Histogram& Metrics::AddHistogram(const std::string& name, const std::string& help,
                                 const Labels& labels, const std::vector<double>& buckets) {
  const std::lock_guard lock(impl_->mutex);
  std::unique_ptr<Histogram>& histogram = impl_->histograms[{name, labels}];
  if (histogram == nullptr) {
    auto*& family = impl_->histogram_families[name];
    if (family == nullptr) {
      family = &prometheus::BuildHistogram().Name(name).Help(help).Register(impl_->registry);
    }
    histogram = std::make_unique<OwnHistogram>(&family->Add(labels, buckets), buckets);
  }
  return *histogram;
}

void Metrics::AddCollector(Collector collector) {
  const std::lock_guard lock(impl_->mutex);
  impl_->collectors.push_back(std::move(collector));
}

std::string Metrics::Text() const {
  std::vector<const Collector*> collectors;
  {
    const std::lock_guard lock(impl_->mutex);
    for (const Collector& collector : impl_->collectors) collectors.push_back(&collector);
  }
  Gatherer gatherer(impl_->registry.Collect());
  for (const Collector* collector : collectors) {
    try {
      (*collector)(gatherer);
    } catch (const std::exception& error) {  // its values are then absent, the others are not
      log::Error("metrics_collector_threw", {{"error", error.what()}});
    }
  }
  return prometheus::TextSerializer().Serialize(gatherer.families());
}

}  // namespace base
