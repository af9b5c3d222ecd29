#pragma once

#include <cstddef>

#include "model-svc/xgboost/ensemble.h"
#include "model-svc/xgboost/field.h"
#include "model-svc/xgboost/loader.h"

// Private to the loader.
namespace model::xgboost {

// What a tree is held against.
struct TreeBounds {
  std::size_t index = 0;     // its place in the forest
  std::size_t features = 0;  // of the whole model
  std::size_t nodes = 0;     // that may still be read
  int depth = 0;
};

// One tree, proven to be one: from the root every node that is not deleted is reached once, each
// split is on an existing column at a finite value, each leaf is finite. Deleted nodes (XGBoost
// leaves them behind when it prunes) are kept, as leaves that nothing leads to. Empty when
// `trouble` has something to say.
Tree ReadTree(const Field& tree, const TreeBounds& bounds, Trouble* trouble);

}  // namespace model::xgboost
