#pragma once

#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "model-svc/xgboost/forest.h"
#include "model-svc/xgboost/loader.h"
#include "tests/fuzz/fuzz.h"

namespace fuzz {

// A model file is refused with a reason, or every row gets a probability, the same alone and in a
// batch.
inline void TryModel(std::string_view bytes) {
  const model::xgboost::Limits limits = {.bytes = 1 << 16, .trees = 50, .nodes = 2'000};
  const auto ensemble = model::xgboost::Load(bytes, limits);
  if (!ensemble) {
    PROMISE(ensemble.error().code == base::ErrorCode::kInvalid ||
            ensemble.error().code == base::ErrorCode::kFull);
    PROMISE(!ensemble.error().message.empty());
    return;
  }
  PROMISE(ensemble->trees.size() <= limits.trees);
  PROMISE(!ensemble->features.empty());
  PROMISE(std::isfinite(ensemble->base_margin));
  const model::xgboost::Forest forest(*ensemble);
  constexpr std::size_t kRows = 65;
  std::vector<float> rows(kRows * forest.columns());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = i % 5 == 0 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(i % 7) - 3;
  }
  std::vector<float> scores(kRows);
  forest.Score(rows.data(), kRows, scores.data());
  for (std::size_t i = 0; i < kRows; ++i) {
    PROMISE(scores[i] >= 0 && scores[i] <= 1);
    PROMISE(scores[i] == forest.Score(&rows[i * forest.columns()]));
  }
}

}  // namespace fuzz
