#include "model-svc/xgboost/loader.h"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "tests/model-svc/xgboost/golden.h"

namespace model::xgboost {
namespace {

using Json = nlohmann::json;
using Edit = std::function<void(Json*)>;

// A good model with something changed.
base::Result<Ensemble> LoadEdited(const Edit& edit, const std::string& name = "3.2.0/plain",
                                  const Limits& limits = {}) {
  Json document = Json::parse(golden::Bytes(name + ".json"));
  edit(&document);
  return Load(document.dump(), limits);
}

Json& Learner(Json* document) { return (*document)["learner"]; }
Json& Parameter(Json* document, const char* name) {
  return Learner(document)["learner_model_param"][name];
}
Json& Booster(Json* document) { return Learner(document)["gradient_booster"]["model"]; }
Json& FirstTree(Json* document) { return Booster(document)["trees"][0]; }

struct Refusal {
  const char* what;    // the case, as its test's name
  const char* reason;  // part of the message: the path or the reason
  Edit edit;
};
void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.what; }

class RefusedModelTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedModelTest, SaysWhy) {
  const auto ensemble = LoadEdited(GetParam().edit);
  ASSERT_FALSE(ensemble.ok());
  EXPECT_EQ(ensemble.error().code, base::ErrorCode::kInvalid);
  EXPECT_NE(ensemble.error().message.find(GetParam().reason), std::string::npos)
      << ensemble.error().message;
}

auto Named() {
  return [](const auto& info) { return std::string(info.param.what); };
}

INSTANTIATE_TEST_SUITE_P(
    Whole, RefusedModelTest,
    testing::Values(
        Refusal{"Version", "XGBoost 4.0.0",
                [](Json* d) {
                  (*d)["version"] = {4, 0, 0};
                }},
        Refusal{"OldVersion", "XGBoost 1.6.2",
                [](Json* d) {
                  (*d)["version"] = {1, 6, 2};
                }},
        Refusal{"BrokenVersion", "version: is not a version",
                [](Json* d) {
                  (*d)["version"] = {3, 0.5, 0};
                }},
        Refusal{"Objective", "learner.objective.name: is not binary:logistic",
                [](Json* d) { Learner(d)["objective"]["name"] = "reg:squarederror"; }},
        Refusal{"Dart", "learner.gradient_booster.name: is not gbtree",
                [](Json* d) { Learner(d)["gradient_booster"]["name"] = "dart"; }},
        Refusal{"Linear", "learner.gradient_booster.name",
                [](Json* d) { Learner(d)["gradient_booster"]["name"] = "gblinear"; }},
        Refusal{"Classes", "num_class: is not a whole number from 0 to 0",
                [](Json* d) { Parameter(d, "num_class") = "3"; }},
        Refusal{"Targets", "num_target", [](Json* d) { Parameter(d, "num_target") = "2"; }},
        Refusal{"NoLearner", "learner: is missing", [](Json* d) { d->erase("learner"); }},
        Refusal{"NoBaseScore", "base_score: is missing",
                [](Json* d) { Learner(d)["learner_model_param"].erase("base_score"); }},
        Refusal{"BaseScoreWords", "base_score", [](Json* d) { Parameter(d, "base_score") = "x"; }},
        Refusal{"BaseScoreOne", "base_score", [](Json* d) { Parameter(d, "base_score") = "1E0"; }},
        Refusal{"BaseScoreZero", "base_score", [](Json* d) { Parameter(d, "base_score") = "0"; }},
        Refusal{"BaseScoreNan", "base_score", [](Json* d) { Parameter(d, "base_score") = "nan"; }},
        Refusal{"BaseScoreTiny", "base_score",  // 3.1 and later move it, earlier ones do not
                [](Json* d) { Parameter(d, "base_score") = "[9E-7]"; }},
        Refusal{"BaseScoreTwo", "base_score",
                [](Json* d) { Parameter(d, "base_score") = "[5E-1,5E-1]"; }},
        Refusal{"BaseScoreHalfOpen", "base_score",
                [](Json* d) { Parameter(d, "base_score") = "[5E-1"; }},
        Refusal{"NoNames", "learner.feature_names: there are none",
                [](Json* d) { Learner(d)["feature_names"] = Json::array(); }},
        Refusal{"NameTwice", "same name",
                [](Json* d) { Learner(d)["feature_names"][1] = "amount"; }},
        Refusal{"NameControl", "printable",
                [](Json* d) { Learner(d)["feature_names"][1] = "a\nb"; }},
        Refusal{"NameNumbers", "feature_names", [](Json* d) { Learner(d)["feature_names"] = {1}; }},
        Refusal{"OneNameLess", "num_feature",
                [](Json* d) { Learner(d)["feature_names"].erase(0); }},
        Refusal{"CategoricalColumn", "learner.feature_types: a column is not numeric",
                [](Json* d) {
                  Learner(d)["feature_types"] = {"float", "c", "float", "float"};
                }},
        Refusal{"TypesShort", "feature_types",
                [](Json* d) { Learner(d)["feature_types"] = {"float"}; }},
        Refusal{"TreeCount", "num_trees",
                [](Json* d) { Booster(d)["gbtree_model_param"]["num_trees"] = "7"; }},
        Refusal{"HalfRound", "round",
                [](Json* d) { Booster(d)["gbtree_model_param"]["num_parallel_tree"] = "4"; }},
        Refusal{"TreeOfAnotherClass", "tree_info: more than one class",
                [](Json* d) { Booster(d)["tree_info"][1] = 1; }},
        Refusal{"ClassLess", "tree_info", [](Json* d) { Booster(d)["tree_info"].erase(0); }},
        Refusal{"RoundsShort", "iteration_indptr",
                [](Json* d) {
                  Booster(d)["iteration_indptr"] = {0, 3};
                }}),
    Named());

INSTANTIATE_TEST_SUITE_P(
    OneTree, RefusedModelTest,
    testing::Values(
        Refusal{"WrongPlace", "trees[0].id", [](Json* d) { FirstTree(d)["id"] = 1; }},
        Refusal{"VectorLeaf", "size_leaf_vector",
                [](Json* d) { FirstTree(d)["tree_param"]["size_leaf_vector"] = "2"; }},
        Refusal{"NodeCount", "is not an array of",
                [](Json* d) { FirstTree(d)["tree_param"]["num_nodes"] = "5"; }},
        Refusal{"NoNodes", "num_nodes",
                [](Json* d) { FirstTree(d)["tree_param"]["num_nodes"] = "0"; }},
        Refusal{"DeletedCount", "num_deleted",
                [](Json* d) { FirstTree(d)["tree_param"]["num_deleted"] = "1"; }},
        Refusal{"ColumnCount", "num_feature",
                [](Json* d) { FirstTree(d)["tree_param"]["num_feature"] = "9"; }},
        Refusal{"CategoricalSplit", "categorical",
                [](Json* d) { FirstTree(d)["split_type"][0] = 1; }},
        Refusal{"Categories", "categorical", [](Json* d) { FirstTree(d)["categories"] = {1}; }},
        Refusal{"ChildOutOfRange", "node 0 left child is out of range",
                [](Json* d) { FirstTree(d)["left_children"][0] = 99; }},
        Refusal{"ChildNegative", "node 0 right child",
                [](Json* d) { FirstTree(d)["right_children"][0] = -2; }},
        Refusal{"ChildHalf", "node 0 left child",
                [](Json* d) { FirstTree(d)["left_children"][0] = 1.5; }},
        Refusal{"Cycle", "two parents", [](Json* d) { FirstTree(d)["left_children"][1] = 0; }},
        Refusal{
            "SharedChild", "two parents",
            [](Json* d) { FirstTree(d)["left_children"][0] = FirstTree(d)["right_children"][0]; }},
        Refusal{"Orphan", "nothing leads to",
                [](Json* d) {
                  FirstTree(d)["left_children"][0] = -1;
                  FirstTree(d)["right_children"][0] = -1;
                }},
        Refusal{"HalfLeaf", "right child only",
                [](Json* d) { FirstTree(d)["left_children"][0] = -1; }},
        Refusal{"OtherParent", "another parent", [](Json* d) { FirstTree(d)["parents"][1] = 2; }},
        Refusal{"RootHasParent", "not the root", [](Json* d) { FirstTree(d)["parents"][0] = 1; }},
        Refusal{"Column", "column that does not exist",
                [](Json* d) { FirstTree(d)["split_indices"][0] = 4; }},
        Refusal{"DefaultLeft", "default_left",
                [](Json* d) { FirstTree(d)["default_left"][0] = 2; }},
        Refusal{"SplitTooLarge", "malformed",
                [](Json* d) { FirstTree(d)["split_conditions"][0] = 1e39; }},
        Refusal{"SplitText", "split_conditions",
                [](Json* d) { FirstTree(d)["split_conditions"] = {"a"}; }},
        Refusal{"StatisticsShort", "sum_hessian",
                [](Json* d) { FirstTree(d)["sum_hessian"].erase(0); }},
        Refusal{"NoWeights", "trees[0].base_weights: is missing",
                [](Json* d) { FirstTree(d).erase("base_weights"); }}),
    Named());

TEST(LoaderTest, TakesEveryEditThatChangesNoScore) {
  EXPECT_TRUE(LoadEdited([](Json* /*same*/) {}).ok());
  EXPECT_TRUE(LoadEdited([](Json* d) { Learner(d)["attributes"]["best_iteration"] = "0"; }).ok());
  EXPECT_TRUE(LoadEdited([](Json* d) { Learner(d)["new_member"] = {1, 2}; }).ok());
  EXPECT_TRUE(LoadEdited([](Json* d) {
                Learner(d)["feature_types"] = {"float", "int", "i", "q"};
              }).ok());
  // As 1.7 writes it.
  EXPECT_TRUE(LoadEdited([](Json* d) {
                Booster(d).erase("iteration_indptr");
                Learner(d)["learner_model_param"].erase("num_target");
              }).ok());
}

TEST(LoaderTest, TheMarginIsTheLogitInFloat) {
  const auto ensemble = LoadEdited([](Json* d) { Parameter(d, "base_score") = "[5E-1]"; });
  ASSERT_TRUE(ensemble.ok());
  EXPECT_EQ(ensemble->base_margin, 0);
  const auto low = LoadEdited([](Json* d) { Parameter(d, "base_score") = "2.5E-1"; });
  ASSERT_TRUE(low.ok());
  EXPECT_EQ(low->base_margin, -1.0986123F);
}

TEST(LoaderTest, EveryLimitHolds) {
  const Edit same = [](Json* /*same*/) {};
  const std::size_t bytes = golden::Bytes("3.2.0/parallel.json").size();
  for (const Limits& limits : {Limits{.bytes = bytes / 2}, Limits{.trees = 5}, Limits{.nodes = 20},
                               Limits{.features = 3}}) {
    const auto ensemble = LoadEdited(same, "3.2.0/parallel", limits);
    ASSERT_FALSE(ensemble.ok());
    EXPECT_EQ(ensemble.error().code, base::ErrorCode::kFull) << ensemble.error().message;
  }
  const auto deep = LoadEdited(same, "3.2.0/parallel", {.depth = 3});
  ASSERT_FALSE(deep.ok());
  EXPECT_NE(deep.error().message.find("deeper than 3"), std::string::npos);
  EXPECT_TRUE(LoadEdited(same, "3.2.0/parallel", {.trees = 6, .features = 4, .depth = 4}).ok());
}

TEST(LoaderTest, ADeletedNodeMustNotBeLedTo) {
  const auto ensemble = LoadEdited(
      [](Json* d) {
        Json& tree = FirstTree(d);
        const auto deleted = static_cast<int>(
            std::find(tree["split_indices"].begin(), tree["split_indices"].end(), 2147483647) -
            tree["split_indices"].begin());
        const int parent = tree["parents"][deleted];
        tree["left_children"][parent] = deleted;
        tree["right_children"][parent] = deleted;
        tree["split_indices"][parent] = 0;
      },
      "3.2.0/pruned");
  ASSERT_FALSE(ensemble.ok());
  EXPECT_NE(ensemble.error().message.find("is deleted"), std::string::npos)
      << ensemble.error().message;
}

}  // namespace
}  // namespace model::xgboost
