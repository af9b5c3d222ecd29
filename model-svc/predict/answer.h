#pragma once

#include <array>
#include <string>

#include "model-svc/model_folder.h"
#include "model-svc/predict/request.h"

namespace model::predict {

// Prints answers; what is the same for every answer of a model is made once, and escaped there.
class AnswerFormat {
 public:
  explicit AnswerFormat(const Model& model);

  [[nodiscard]] bool IsFraud(float score) const { return score >= threshold_; }
  // Appends {"transaction_id", "fraud_probability", "is_fraud", "threshold", "model_version",
  // "features_source"}. The probability is the shortest decimal that reads back as that float.
  void Append(const Transaction& transaction, float score, std::string* out) const;
  // Room for one answer.
  [[nodiscard]] std::size_t LongestBytes() const;

 private:
  float threshold_;
  std::array<std::string, 4> tails_;  // by fraud + 2 * features_given: from is_fraud on
};

// GET /model: {"model_version", "run_id" (or null), "sha256", "threshold", "features", "training"}.
std::string ModelText(const Model& model);

}  // namespace model::predict
