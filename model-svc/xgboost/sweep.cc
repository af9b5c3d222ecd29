#include "model-svc/xgboost/sweep.h"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace model::xgboost {
namespace {

// Measured with bench/micro: at 63 splits a tree the walks are as fast.
constexpr std::size_t kMaxMeanSplits = 40;
// What is picked for a block stays in the nearest cache: 64 x 64 floats.
constexpr std::size_t kMaxSplits = 64;

std::size_t CountSplits(const Tree& tree) {
  const auto split = [](const Node& node) { return !node.leaf(); };
  return static_cast<std::size_t>(std::count_if(tree.begin(), tree.end(), split));
}

bool Suits(const Ensemble& ensemble) {
  std::size_t sum = 0;
  for (const Tree& tree : ensemble.trees) {
    const std::size_t splits = CountSplits(tree);
    if (splits > kMaxSplits) return false;
    sum += splits;
  }
  return sum <= kMaxMeanSplits * ensemble.trees.size();
}

bool ProcessorSuits() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") != 0;
#else
  return false;
#endif
}

}  // namespace

std::optional<Sweep> Sweep::Of(const Ensemble& ensemble) {
  if (!ProcessorSuits() || !Suits(ensemble)) return std::nullopt;
  Sweep sweep;
  for (const Tree& tree : ensemble.trees) {
    std::uint32_t splits = 0;
    const Branch root = sweep.Append(tree, 0, &splits);
    sweep.roots_.push_back({splits, root.leaf});
  }
  return sweep;
}

// Left, right, then the split itself; no deeper than Limits::depth of the loader.
Sweep::Branch Sweep::Append(const Tree& tree, std::int32_t node, std::uint32_t* count) {
  const Node& from = tree[node];
  if (from.leaf()) return {.leaf = from.value};
  const Branch left = Append(tree, from.left, count);
  const Branch right = Append(tree, from.right, count);
  const auto slot = static_cast<std::uint32_t>(2 * from.feature + (from.default_left ? 0 : 1));
  splits_.push_back({slot, from.value, left, right});
  return {.split = static_cast<std::int32_t>((*count)++)};
}

#if defined(__x86_64__)

// `picked` holds, split after split, what was picked for each row of the block.
struct Sweep::Kernel {
  using Block = float[kRows];

  template <bool kLeftLeaf, bool kRightLeaf>
  __attribute__((target("avx2"), always_inline)) static inline void Decide(const Split& split,
                                                                           const float* slots,
                                                                           const Block* picked,
                                                                           float* out) {
    const float* const values = slots + split.slot * kRows;
    const __m256 threshold = _mm256_set1_ps(split.threshold);
    const __m256 left_leaf = _mm256_set1_ps(split.left.leaf);
    const __m256 right_leaf = _mm256_set1_ps(split.right.leaf);
    const float* const lefts = kLeftLeaf ? nullptr : picked[split.left.split];
    const float* const rights = kRightLeaf ? nullptr : picked[split.right.split];
    for (std::size_t row = 0; row < kRows; row += kLanes) {
      const __m256 left = kLeftLeaf ? left_leaf : _mm256_load_ps(lefts + row);
      const __m256 right = kRightLeaf ? right_leaf : _mm256_load_ps(rights + row);
      const __m256 below = _mm256_cmp_ps(_mm256_load_ps(values + row), threshold, _CMP_LT_OQ);
      _mm256_store_ps(out + row, _mm256_blendv_ps(right, left, below));
    }
  }

  __attribute__((target("avx2"))) static void Add(const Sweep& sweep, const float* slots,
                                                  float* margins) {
    alignas(32) Block picked[kMaxSplits];
    const Split* split = sweep.splits_.data();
    for (const Root& root : sweep.roots_) {
      for (std::uint32_t i = 0; i < root.splits; ++i, ++split) {
        DecideAny(*split, slots, picked, picked[i]);
      }
      const __m256 leaf = _mm256_set1_ps(root.leaf);
      const float* const last = root.splits == 0 ? nullptr : picked[root.splits - 1];
      for (std::size_t row = 0; row < kRows; row += kLanes) {
        const __m256 picks = last == nullptr ? leaf : _mm256_load_ps(last + row);
        _mm256_storeu_ps(margins + row, _mm256_add_ps(_mm256_loadu_ps(margins + row), picks));
      }
    }
  }

  __attribute__((target("avx2"), always_inline)) static inline void DecideAny(const Split& split,
                                                                              const float* slots,
                                                                              const Block* picked,
                                                                              float* out) {
    const bool left_leaf = split.left.split == Branch::kLeaf;
    const bool right_leaf = split.right.split == Branch::kLeaf;
    if (left_leaf && right_leaf) return Decide<true, true>(split, slots, picked, out);
    if (left_leaf) return Decide<true, false>(split, slots, picked, out);
    if (right_leaf) return Decide<false, true>(split, slots, picked, out);
    return Decide<false, false>(split, slots, picked, out);
  }
};

void Sweep::Add(const float* slots, float* margins) const { Kernel::Add(*this, slots, margins); }

#else

void Sweep::Add(const float* /*slots*/, float* /*margins*/) const {}

#endif

}  // namespace model::xgboost
