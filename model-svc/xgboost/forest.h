#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "model-svc/xgboost/ensemble.h"
#include "model-svc/xgboost/sweep.h"

namespace model::xgboost {

// An ensemble laid out for speed: flat padded nodes, no branch that depends on the data, several
// trees walked at once. Immutable; any number of threads may score at the same time.
//
// A row is columns() floats in the ensemble's order, NaN for a missing value, never infinite. The
// answers equal XGBoost's bit for bit: the same float comparisons, leaves summed in float in the
// order of the trees, the same sigmoid.
class Forest {
 public:
  Forest() = default;  // of no columns and no trees
  // How many rows are scored; both give the same bits.
  enum class Batch { kFastest, kWalk };
  // The ensemble is as Load promises it.
  explicit Forest(const Ensemble& ensemble, Batch batch = Batch::kFastest);

  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] std::size_t bytes() const;  // of the nodes, for a log line

  // The probability of one row.
  [[nodiscard]] float Score(const float* row) const;
  // Of `count` rows, one after the other in memory; the same bits as Score of each.
  void Score(const float* rows, std::size_t count, float* scores) const;

 private:
  // A row as it is walked has each column twice, then a constant: slot 2c holds -infinity when
  // column c is missing and slot 2c + 1 +infinity, so a split whose missing rows go left reads 2c
  // and one whose missing rows go right reads 2c + 1, and neither has to ask. The next node is
  // `next`, or the one behind it when slot < threshold (left). A leaf has its weight as threshold,
  // itself as next and the constant +infinity as slot, so a walk that has arrived stays, and a tree
  // can be walked a fixed number of steps.
  struct Step {
    float threshold = 0;
    std::uint32_t next_and_slot = 0;  // (index in steps_ << kSlotBits) | slot
  };
  struct Root {
    std::uint32_t first = 0;  // of its steps
    std::int32_t depth = 0;
  };
  // Slots of the widest row, 2 x 256 + 1, need 10 bits; the other 22 count the forest's steps.
  static constexpr int kSlotBits = 10;

  void Append(const Tree& tree);
  void Unfold(const float* row, std::size_t spread, float* slots) const;
  template <std::size_t kSpread, std::size_t... kLane>
  void Walk(const float* slots, std::int32_t depth, std::uint32_t* at,
            std::index_sequence<kLane...> lanes) const;
  [[nodiscard]] float Margin(const float* slots) const;
  void AddTrees(const float* slots, std::size_t rows, float* margins) const;
  void ScoreBlock(const float* rows, std::size_t count, float* slots, float* scores) const;

  std::size_t columns_ = 0;
  float base_margin_ = 0;
  std::vector<Step> steps_;
  std::vector<Root> roots_;
  std::optional<Sweep> sweep_;
};

// The probability that belongs to a margin: 1 / (1 + exp(-margin)) in float, as XGBoost computes
// it.
float Sigmoid(float margin);

}  // namespace model::xgboost
