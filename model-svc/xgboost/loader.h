#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "model-svc/xgboost/ensemble.h"

namespace model::xgboost {

// Bounds on a file that is otherwise well-formed, so that no file takes the service's memory.
struct Limits {
  std::size_t bytes = 32 << 20;
  std::size_t trees = 10'000;
  std::size_t nodes = 1'000'000;  // of all trees together
  std::size_t features = 256;
  int depth = 64;  // of one tree
};

// Reads the bytes of model.json or model.ubj as XGBoost 1.7 to 3.x writes them; tells the two apart
// by itself. Strict: a file that the service would score differently from XGBoost is refused.
// kInvalid, with the path in the document and the reason, for anything malformed or out of range,
// and for what is not supported: an objective other than binary:logistic, dart and gblinear, more
// than one class or target, vector leaves, categorical splits, no feature names (each 1 to 128
// printable ASCII characters, no two alike), a non-finite split or leaf, a base_score that is no
// probability or so near 0 or 1 that XGBoost's versions differ on it. kFull beyond the limits.
// Members that are not known are ignored: newer versions add some.
//
// All trees count, whatever early stopping wrote into the attribute best_iteration: so does
// Booster.predict with its default iteration_range (0, 0) in every one of these versions
// (src/gbm/gbtree.h, GetTreeRange; 1.7's ntree_limit = 0 is the same). XGBoost's scikit-learn
// wrapper stops at best_iteration; a model meant so is cut first (booster[:best_iteration + 1]).
base::Result<Ensemble> Load(std::string_view bytes, const Limits& limits = {});

}  // namespace model::xgboost
