#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "base/http.h"
#include "base/metrics.h"
#include "model-svc/predict/request.h"
#include "model-svc/reload.h"

namespace model::predict {

// Answers POST /predict, POST /predict/batch and GET /model from the present champion. Thread-safe.
//
//   {"transaction_id": 1, "fraud_probability": 0.0123, "is_fraud": false, "threshold": 0.5,
//    "model_version": "...", "features_source": "request" | "missing"}
//
// A batch is an array of transactions (1 to kMaxBatchRows) and is answered by an array of answers
// in their order, the same bits as one by one, or by one 422 for all of it. fraud_probability is
// the shortest decimal that reads back as the same float. 503 with Retry-After while there is no
// model.
//
// Metrics: ml_model_predictions_total{result=fraud,legit; version},
// ml_model_prediction_duration_seconds (parse, score and print, per answered request),
// ml_model_score, ml_model_errors_total{type=invalid,no_model}, and with a reset terminal
// alert_counter (frauds since the last prediction for that terminal, which is not counted itself)
// and ml_model_alert_counter_resets_total. The Handler must live until the last scrape.
class Handler {
 public:
  static constexpr std::size_t kMaxBatchRows = 1000;

  Handler(Champion* champion, std::optional<std::int64_t> reset_terminal_id, base::Clock* clock,
          base::Metrics* metrics);

  base::HttpResponse Predict(const base::HttpRequest& request);
  base::HttpResponse PredictBatch(const base::HttpRequest& request);
  [[nodiscard]] base::HttpResponse ShowModel() const;

 private:
  struct Serving;  // a model and all that is prepared once for it
  enum class Form { kOne, kBatch };

  base::HttpResponse Answer(const base::HttpRequest& request, Form form);
  [[nodiscard]] std::shared_ptr<const Serving> Present() const;
  void Count(const Serving& serving, const Parsed& parsed, const std::vector<float>& scores);
  void WatchAlerts(const Transaction& transaction, bool fraud);

  Champion* const champion_;
  const std::optional<std::int64_t> reset_terminal_id_;
  base::Clock* const clock_;
  base::Metrics* const metrics_;
  base::Counter& invalid_;
  base::Counter& no_model_;
  base::Histogram& duration_;
  base::Histogram& score_;
  base::Counter* resets_ = nullptr;  // with a reset terminal only
  std::atomic<std::int64_t> alerts_ = 0;
  mutable std::mutex mutex_;                        // guards serving_
  mutable std::shared_ptr<const Serving> serving_;  // of the champion that was last seen
};

}  // namespace model::predict
