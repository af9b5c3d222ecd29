#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model-svc/xgboost/ensemble.h"

namespace model::xgboost {

// Many rows down small trees without walking: every split of a tree is decided for eight rows in
// one instruction, from the lowest splits up, and picks between what the splits (or leaves) below
// it have picked. For trees of a few dozen splits that costs a quarter of the walks; it needs AVX2.
// Picks leaves and adds them in float in the order of the trees: the bits of a walk.
class Sweep {
 public:
  static constexpr std::size_t kLanes = 8;
  static constexpr std::size_t kRows = 64;  // of a block

  // Nothing where walking is as fast: a processor without AVX2, or trees with too many splits.
  static std::optional<Sweep> Of(const Ensemble& ensemble);

  // Adds every tree's leaf to the margins of kRows rows. Slot s of row r, as Forest lays them out,
  // is slots[s * kRows + r]; `slots` is aligned to 32 bytes.
  void Add(const float* slots, float* margins) const;

 private:
  // Below a split is another one (its place in the tree's list) or a leaf.
  struct Branch {
    static constexpr std::int32_t kLeaf = -1;
    std::int32_t split = kLeaf;
    float leaf = 0;
  };
  struct Split {
    std::uint32_t slot = 0;
    float threshold = 0;
    Branch left, right;
  };
  struct Root {
    std::uint32_t splits = 0;  // of the tree; 0: it is one leaf
    float leaf = 0;
  };
  struct Kernel;

  Branch Append(const Tree& tree, std::int32_t node, std::uint32_t* count);

  std::vector<Split> splits_;  // tree after tree, in each a split after those below it
  std::vector<Root> roots_;
};

}  // namespace model::xgboost
