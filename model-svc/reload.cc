#include "model-svc/reload.h"

#include <utility>

namespace model {
namespace {

base::Counter& Reloads(base::Metrics* metrics, const char* result) {
  return metrics->AddCounter("ml_model_reloads_total", "Tries to load the model folder, by result.",
                             {{"result", result}});
}

}  // namespace

Champion::Champion(std::string folder, base::Metrics* metrics)
    : folder_(std::move(folder)),
      loaded_(Reloads(metrics, "loaded")),
      unchanged_(Reloads(metrics, "unchanged")),
      refused_(Reloads(metrics, "refused")) {
  metrics->AddCollector([this](base::Sample& sample) { Export(sample); });
}

base::Status Champion::Reload() {
  const std::lock_guard reload(reload_);
  auto read = LoadFolder(folder_);
  const auto present = Current();
  const bool unchanged = read && present && (*read)->sums == present->sums;
  (!read ? refused_ : unchanged ? unchanged_ : loaded_).Increment();
  const std::lock_guard lock(mutex_);
  last_ok_ = read.ok();
  if (!read) return read.error();
  if (!unchanged) current_ = std::move(*read);  // the old one goes with its last request
  return {};
}

std::shared_ptr<const Model> Champion::Current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void Champion::Export(base::Sample& sample) const {
  const std::lock_guard lock(mutex_);
  if (last_ok_) {
    sample.Gauge("ml_model_last_reload_ok", "Whether the last try to load the model succeeded.", {},
                 *last_ok_ ? 1 : 0);
  }
  if (current_ == nullptr) return;
  sample.Gauge(
      "ml_model_info", "The model that is served.",
      {{"version", current_->version}, {"run_id", current_->run_id}, {"sha256", current_->sha256}},
      1);
}

}  // namespace model
