#include "tests/model-svc/xgboost/golden.h"

#include <gtest/gtest.h>

#include <tuple>

#include "model-svc/xgboost/forest.h"
#include "model-svc/xgboost/loader.h"

namespace model::xgboost {
namespace {

using Case = std::tuple<const char*, const char*, const char*>;  // version, model, format

class GoldenTest : public testing::TestWithParam<Case> {
 protected:
  [[nodiscard]] static std::string Name() {
    return std::string(std::get<0>(GetParam())) + "/" + std::get<1>(GetParam());
  }
  [[nodiscard]] static base::Result<Ensemble> LoadGolden() {
    return Load(golden::Bytes(Name() + "." + std::get<2>(GetParam())));
  }
};

TEST_P(GoldenTest, SaysWhatTheFileSays) {
  const auto ensemble = LoadGolden();
  ASSERT_TRUE(ensemble.ok()) << ensemble.error().message;
  EXPECT_EQ(ensemble->written_by, std::get<0>(GetParam()));
  EXPECT_EQ(ensemble->features, (std::vector<std::string>{"amount", "count", "mean", "risk"}));
  const std::string model = std::get<1>(GetParam());
  EXPECT_EQ(ensemble->trees.size(), model == "pruned" ? 3u : 6u);
}

TEST_P(GoldenTest, ScoresAreXgboostsBitForBit) {
  const auto ensemble = LoadGolden();
  ASSERT_TRUE(ensemble.ok()) << ensemble.error().message;
  const Forest forest(*ensemble);
  const golden::Rows rows = golden::ReadRows(Name());
  ASSERT_GT(rows.count, 64u) << "the batch must have whole blocks and a rest";
  ASSERT_EQ(rows.values.size(), rows.count * forest.columns());

  std::vector<float> batch(rows.count);
  forest.Score(rows.values.data(), rows.count, batch.data());
  EXPECT_EQ(golden::Bits(batch), golden::Bits(rows.scores));
  std::vector<float> single;
  for (std::size_t i = 0; i < rows.count; ++i) {
    single.push_back(forest.Score(&rows.values[i * forest.columns()]));
  }
  EXPECT_EQ(golden::Bits(single), golden::Bits(rows.scores));
}

INSTANTIATE_TEST_SUITE_P(Versions, GoldenTest,
                         testing::Combine(testing::ValuesIn(golden::kVersions),
                                          testing::ValuesIn(golden::kModels),
                                          testing::Values("json", "ubj")));

TEST(GoldenFilesTest, HoldWhatTheyAreThereFor) {
  for (const std::string version : golden::kVersions) {
    EXPECT_NE(golden::Bytes(version + "/pruned.json").find("2147483647"), std::string::npos)
        << "a deleted node";
    EXPECT_NE(golden::Bytes(version + "/parallel.json").find(R"("num_parallel_tree":"3")"),
              std::string::npos);
  }
  // Both ways to write base_score, and one that was estimated.
  EXPECT_NE(golden::Bytes("3.0.5/parallel.json").find(R"("8.3E-3")"), std::string::npos);
  EXPECT_NE(golden::Bytes("3.2.0/parallel.json").find(R"("[8.3E-3]")"), std::string::npos);
  EXPECT_EQ(golden::Bytes("3.2.0/plain.json").find(R"("[5E-1]")"), std::string::npos);
}

}  // namespace
}  // namespace model::xgboost
