#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// What an XGBoost file says, checked, before it is laid out for speed.
namespace model::xgboost {

// One node of a tree. A leaf has left == kLeaf and its weight in `value`; else a row goes left when
// row[feature] < value, compared as floats, and where default_left says when it is missing.
struct Node {
  static constexpr std::int32_t kLeaf = -1;
  std::int32_t left = kLeaf;
  std::int32_t right = kLeaf;
  std::int32_t feature = 0;
  float value = 0;  // finite
  bool default_left = false;

  [[nodiscard]] bool leaf() const { return left == kLeaf; }
};

// Node 0 is the root. Every other node has exactly one parent (the loader proves it: no cycle), but
// for leaves that nothing leads to: what XGBoost deleted when it pruned.
using Tree = std::vector<Node>;

// A boosted forest for binary:logistic.
struct Ensemble {
  // What a Forest can lay out; the loader refuses more whatever its limits say.
  static constexpr std::size_t kMaxFeatures = 256;
  static constexpr std::size_t kMaxNodes = 1u << 22;  // of all trees together

  std::vector<std::string> features;  // names of the columns, in their order
  float base_margin = 0;              // logit of the file's base_score, in float as XGBoost has it
  std::vector<Tree> trees;            // in the order in which their leaves are summed
  std::string written_by;             // "3.2.0"
};

}  // namespace model::xgboost
