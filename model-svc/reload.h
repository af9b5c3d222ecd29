#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/metrics.h"
#include "base/result.h"
#include "model-svc/model_folder.h"

namespace model {

// The model that is served now, and its replacement without a gap. Thread-safe.
//
// Metrics: ml_model_info{version,run_id,sha256} 1 for the present one,
// ml_model_reloads_total{result=loaded,unchanged,refused}, ml_model_last_reload_ok (1, or 0 when
// the last try was refused and the old model stayed; absent before the first try). They are read as
// long as `metrics` is asked: the Champion must live until the last scrape.
class Champion {
 public:
  Champion(std::string folder, base::Metrics* metrics);

  // Loads the folder and swaps when it proves good; else the present model stays and the Error says
  // why. The same SHA256SUMS again, with the files that belong to it, changes
  // nothing. One reload at a time.
  base::Status Reload();
  // Null before the first Reload that succeeded.
  [[nodiscard]] std::shared_ptr<const Model> Current() const;

 private:
  void Export(base::Sample& sample) const;

  const std::string folder_;
  base::Counter& loaded_;
  base::Counter& unchanged_;
  base::Counter& refused_;
  std::mutex reload_;         // held for a whole reload
  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<const Model> current_;
  std::optional<bool> last_ok_;  // empty before the first try
};

}  // namespace model
