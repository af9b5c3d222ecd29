#include "model-svc/xgboost/forest.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/model-svc/xgboost/golden.h"

namespace model::xgboost {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// column < value ? left : right, whose leaves are -1 and 1.
Tree Stump(std::int32_t column, float value, bool default_left) {
  return {{.left = 1, .right = 2, .feature = column, .value = value, .default_left = default_left},
          {.value = -1},
          {.value = 1}};
}

// A tree that grows to one side only, as lossguide makes them; leaf `i` is what a row gets that is
// not below i any more.
Tree Chain(std::int32_t depth) {
  Tree tree;
  for (std::int32_t i = 0; i < depth; ++i) {
    tree.push_back({.left = 2 * i + 1, .right = 2 * i + 2, .value = static_cast<float>(i)});
    tree.push_back({.value = static_cast<float>(i) / 8});
  }
  tree.push_back({.value = 2});
  return tree;
}

Ensemble Of(std::vector<Tree> trees) {
  return {.features = {"a", "b"}, .base_margin = 0.25F, .trees = std::move(trees)};
}

float ScoreOf(const Ensemble& ensemble, float a, float b = 0) {
  const std::vector<float> row = {a, b};
  return Forest(ensemble).Score(row.data());
}

TEST(ForestTest, ARowGoesLeftWhenItIsBelow) {
  const Ensemble ensemble = Of({Stump(0, 0.5F, true)});
  EXPECT_EQ(ScoreOf(ensemble, 0.4F), Sigmoid(-0.75F));
  EXPECT_EQ(ScoreOf(ensemble, 0.5F), Sigmoid(1.25F)) << "equal is not below";
  EXPECT_EQ(ScoreOf(ensemble, std::nextafter(0.5F, 0.0F)), Sigmoid(-0.75F));
  EXPECT_EQ(ScoreOf(Of({Stump(1, 0.5F, true)}), 9, 0), Sigmoid(-0.75F)) << "the other column";
  // -0 is not below 0.
  EXPECT_EQ(ScoreOf(Of({Stump(0, 0.0F, true)}), -0.0F), Sigmoid(1.25F));
}

TEST(ForestTest, AMissingValueGoesWhereTheSplitSays) {
  EXPECT_EQ(ScoreOf(Of({Stump(0, 0.5F, true)}), kMissing), Sigmoid(-0.75F));
  EXPECT_EQ(ScoreOf(Of({Stump(0, 0.5F, false)}), kMissing), Sigmoid(1.25F));
  const float largest = std::numeric_limits<float>::max();
  EXPECT_EQ(ScoreOf(Of({Stump(0, largest, false)}), kMissing), Sigmoid(1.25F));
  EXPECT_EQ(ScoreOf(Of({Stump(0, -largest, true)}), kMissing), Sigmoid(-0.75F));
}

TEST(ForestTest, ADeletedNodeIsLeftOut) {
  Tree pruned = Stump(0, 0.5F, true);
  const std::size_t before = Forest(Of({pruned})).bytes();
  pruned.push_back({});
  EXPECT_EQ(Forest(Of({pruned})).bytes(), before);
}

TEST(ForestTest, TreesOfAnyDepthStandSideBySide) {
  // One leaf, a stump and chains up to 40 deep in one group, and a group that is not full.
  std::vector<Tree> trees = {{{.value = 0.5F}}, Stump(0, 1, true)};
  for (std::int32_t depth = 1; depth <= 40; ++depth) trees.push_back(Chain(depth));
  const Ensemble ensemble = Of(trees);
  float margin = 0.25F + 0.5F + 1;
  for (int depth = 1; depth <= 40; ++depth) margin += depth <= 7 ? 2.0F : 7.0F / 8;
  EXPECT_EQ(ScoreOf(ensemble, 6.5F), Sigmoid(margin));
}

TEST(ForestTest, LeavesAreSummedInTheOrderOfTheTreesAndInFloat) {
  const Tree large = {{.value = 1e8F}};
  const Tree back = {{.value = -1e8F}};
  const Tree small = {{.value = 1}};
  EXPECT_EQ(ScoreOf(Of({large, small, back}), 0), Sigmoid(0));
  EXPECT_EQ(ScoreOf(Of({large, back, small}), 0), Sigmoid(1));
}

TEST(ForestTest, NoTreesGiveTheBaseScore) {
  EXPECT_EQ(ScoreOf(Of({}), 1), Sigmoid(0.25F));
  const std::vector<float> rows(200);
  std::vector<float> scores(100);
  Forest(Of({})).Score(rows.data(), 100, scores.data());
  EXPECT_EQ(scores, std::vector<float>(100, Sigmoid(0.25F)));
}

// `count` rows of two columns, some values missing.
std::vector<float> SomeRows(std::size_t count) {
  std::mt19937 random(1);
  std::vector<float> rows(2 * count + 2);
  for (float& cell : rows) {
    cell = random() % 7 == 0 ? kMissing : static_cast<float>(random() % 100) / 10;
  }
  return rows;
}

void ExpectBatchesLikeSingleRows(const Forest& forest) {
  for (const std::size_t count : {0, 1, 15, 16, 17, 63, 64, 65, 80, 127, 128, 200}) {
    const std::vector<float> rows = SomeRows(count);
    std::vector<float> batch(count + 1, -7);
    forest.Score(rows.data(), count, batch.data());
    std::vector<float> single;
    for (std::size_t i = 0; i < count; ++i) single.push_back(forest.Score(&rows[2 * i]));
    single.push_back(-7);  // what is behind the batch is not touched
    EXPECT_EQ(golden::Bits(batch), golden::Bits(single)) << count;
  }
}

TEST(ForestTest, ABatchOfAnySizeHasTheBitsOfSingleRows) {
  std::vector<Tree> trees(37);
  for (int i = 0; i < 37; ++i) trees[i] = i % 2 == 0 ? Chain(i % 9) : Stump(1, 3, i % 4 == 1);
  ExpectBatchesLikeSingleRows(Forest(Of(trees)));
  ExpectBatchesLikeSingleRows(Forest(Of(trees), Forest::Batch::kWalk));
  // Too many splits for a Sweep: in one tree, and in all.
  trees[5] = Chain(65);
  EXPECT_FALSE(Sweep::Of(Of(trees)).has_value());
  ExpectBatchesLikeSingleRows(Forest(Of(trees)));
  EXPECT_FALSE(Sweep::Of(Of({Chain(60), Chain(60)})).has_value());
}

TEST(ForestTest, TheWidestRowFits) {
  Ensemble ensemble = Of({});
  ensemble.features.assign(Ensemble::kMaxFeatures, "a");
  ensemble.trees = {Stump(255, 0.5F, false)};
  std::vector<float> row(Ensemble::kMaxFeatures);
  EXPECT_EQ(Forest(ensemble).Score(row.data()), Sigmoid(-0.75F));
  row[255] = kMissing;
  EXPECT_EQ(Forest(ensemble).Score(row.data()), Sigmoid(1.25F));
}

// XGBoost's answers at the ends, seen with 3.2.0.
TEST(SigmoidTest, IsBoundedAtBothEnds) {
  EXPECT_EQ(Sigmoid(0), 0.5F);
  EXPECT_EQ(Sigmoid(std::numeric_limits<float>::infinity()), 1);
  EXPECT_EQ(Sigmoid(20), 1);
  EXPECT_GT(Sigmoid(-std::numeric_limits<float>::infinity()), 0);
  EXPECT_EQ(Sigmoid(-1e30F), Sigmoid(-88.7F));
}

}  // namespace
}  // namespace model::xgboost
