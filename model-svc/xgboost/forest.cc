#include "model-svc/xgboost/forest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace model::xgboost {
namespace {

constexpr float kAboveAll = std::numeric_limits<float>::infinity();
constexpr float kBelowAll = -std::numeric_limits<float>::infinity();
constexpr std::size_t kSlots = 2 * Ensemble::kMaxFeatures + 1;
// So many walks hide each other's waits for memory: measured with bench/micro, 8 are a fifth
// slower.
constexpr std::size_t kTreesAtOnce = 16;
constexpr std::size_t kRowsAtOnce = 16;
// Rows that each tree is walked for while it is in the nearest cache.
constexpr std::size_t kBlock = Sweep::kRows;
static_assert(kBlock % kRowsAtOnce == 0 && kBlock % Sweep::kLanes == 0);

// One slot of every row of a block, aligned for Sweep.
struct alignas(32) Slots : std::array<float, kBlock> {};

}  // namespace

Forest::Forest(const Ensemble& ensemble, Batch batch)
    : columns_(ensemble.features.size()), base_margin_(ensemble.base_margin) {
  for (const Tree& tree : ensemble.trees) Append(tree);
  if (batch == Batch::kFastest) sweep_ = Sweep::Of(ensemble);
}

std::size_t Forest::bytes() const {
  return steps_.size() * sizeof(Step) + roots_.size() * sizeof(Root);
}

// Level by level, so that the steps every row takes lie together; deleted nodes are met by no walk
// and left out.
void Forest::Append(const Tree& tree) {
  const auto first = static_cast<std::uint32_t>(steps_.size());
  const auto constant = static_cast<std::uint32_t>(2 * columns_);
  std::vector<std::int32_t> order = {0};
  std::vector<std::int32_t> depths = {0};
  for (std::uint32_t at = 0; at < order.size(); ++at) {
    const Node& node = tree[order[at]];
    if (node.leaf()) {
      steps_.push_back({node.value, (first + at) << kSlotBits | constant});
      continue;
    }
    const auto slot = static_cast<std::uint32_t>(2 * node.feature + (node.default_left ? 0 : 1));
    const auto next = static_cast<std::uint32_t>(first + order.size());
    steps_.push_back({node.value, next << kSlotBits | slot});
    order.insert(order.end(), {node.right, node.left});
    depths.insert(depths.end(), 2, depths[at] + 1);
  }
  roots_.push_back({first, depths.back()});
}

void Forest::Unfold(const float* row, std::size_t spread, float* slots) const {
  for (std::size_t column = 0; column < columns_; ++column) {
    float if_left = row[column];
    float if_right = row[column];
    if (std::isnan(row[column])) {
      if_left = kBelowAll;
      if_right = kAboveAll;
    }
    slots[2 * column * spread] = if_left;
    slots[(2 * column + 1) * spread] = if_right;
  }
  slots[2 * columns_ * spread] = kAboveAll;
}

// `depth` steps of every lane from the node where it stands in `at`. Lane i reads its slot s from
// slots[s * kSpread + i], or slots[s] when all share one row (kSpread 1). A pack of lanes and not a
// loop, so that `at` lives in registers.
template <std::size_t kSpread, std::size_t... kLane>
inline void Forest::Walk(const float* slots, std::int32_t depth, std::uint32_t* at,
                         std::index_sequence<kLane...> /*lanes*/) const {
  constexpr std::uint32_t kSlotMask = (1u << kSlotBits) - 1;
  const Step* const steps = steps_.data();
  const auto advance = [&](std::uint32_t from, std::size_t lane) {
    const Step& step = steps[from];
    const std::size_t slot = step.next_and_slot & kSlotMask;
    const bool left = slots[slot * kSpread + (kSpread == 1 ? 0 : lane)] < step.threshold;
    return (step.next_and_slot >> kSlotBits) + (left ? 1 : 0);
  };
  std::array<std::uint32_t, sizeof...(kLane)> now = {at[kLane]...};
  for (; depth > 0; --depth) ((now[kLane] = advance(now[kLane], kLane)), ...);
  ((at[kLane] = now[kLane]), ...);
}

// One row down kTreesAtOnce trees together.
float Forest::Margin(const float* slots) const {
  float margin = base_margin_;
  for (std::size_t root = 0; root < roots_.size(); root += kTreesAtOnce) {
    // Lanes beyond the last tree walk it again and are not summed.
    const std::size_t count = std::min(kTreesAtOnce, roots_.size() - root);
    std::array<std::uint32_t, kTreesAtOnce> at = {};
    std::int32_t depth = 0;
    for (std::size_t lane = 0; lane < kTreesAtOnce; ++lane) {
      const Root& tree = roots_[root + std::min(lane, count - 1)];
      at[lane] = tree.first;
      depth = std::max(depth, tree.depth);
    }
    Walk<1>(slots, depth, at.data(), std::make_index_sequence<kTreesAtOnce>());
    for (std::size_t lane = 0; lane < count; ++lane) margin += steps_[at[lane]].threshold;
  }
  return margin;
}

// Rows of a block down one tree after the other, so that a tree stays in the nearest cache. Slot s
// of row r is slots[s * kBlock + r].
void Forest::AddTrees(const float* slots, std::size_t rows, float* margins) const {
  for (const Root& root : roots_) {
    for (std::size_t row = 0; row < rows; row += kRowsAtOnce) {
      std::array<std::uint32_t, kRowsAtOnce> at;
      at.fill(root.first);
      Walk<kBlock>(slots + row, root.depth, at.data(), std::make_index_sequence<kRowsAtOnce>());
      for (std::size_t lane = 0; lane < kRowsAtOnce; ++lane) {
        margins[row + lane] += steps_[at[lane]].threshold;
      }
    }
  }
}

float Forest::Score(const float* row) const {
  std::array<float, kSlots> slots;
  Unfold(row, 1, slots.data());
  return Sigmoid(Margin(slots.data()));
}

// At most kBlock rows. Lanes beyond the last row repeat it and are thrown away.
void Forest::ScoreBlock(const float* rows, std::size_t count, float* slots, float* scores) const {
  const std::size_t group = sweep_ ? kBlock : kRowsAtOnce;
  const std::size_t padded = (count + group - 1) / group * group;
  for (std::size_t row = 0; row < padded; ++row) {
    Unfold(rows + std::min(row, count - 1) * columns_, kBlock, slots + row);
  }
  std::array<float, kBlock> margins;
  margins.fill(base_margin_);
  if (sweep_) {
    sweep_->Add(slots, margins.data());
  } else {
    AddTrees(slots, padded, margins.data());
  }
  std::transform(margins.begin(), margins.begin() + static_cast<std::ptrdiff_t>(count), scores,
                 Sigmoid);
}

void Forest::Score(const float* rows, std::size_t count, float* scores) const {
  // Fewer are sooner done one by one.
  std::vector<Slots> slots(count < kRowsAtOnce ? 0 : 2 * columns_ + 1);
  for (; count >= kRowsAtOnce; count -= std::min(count, kBlock)) {
    const std::size_t block = std::min(count, kBlock);
    ScoreBlock(rows, block, slots.front().data(), scores);
    rows += block * columns_;
    scores += block;
  }
  for (std::size_t row = 0; row < count; ++row) scores[row] = Score(rows + row * columns_);
}

// common::Sigmoid of XGBoost's src/common/math.h, 1.7 to 3.x: the bound keeps exp finite. Its
// epsilon of 1e-16 is added in float to a sum of at least 1 and changes nothing; it is kept so that
// the two texts can be compared.
float Sigmoid(float margin) {
  constexpr float kEpsilon = 1e-16F;
  const float exponent = std::min(-margin, 88.7F);
  return 1.0F / (std::exp(exponent) + 1.0F + kEpsilon);
}

}  // namespace model::xgboost
