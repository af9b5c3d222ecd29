#include "model-svc/xgboost/loader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <string>
#include <utility>

#include "model-svc/xgboost/document.h"
#include "model-svc/xgboost/field.h"
#include "model-svc/xgboost/tree_reader.h"

namespace model::xgboost {
namespace {

std::string ReadVersion(const Field& version) {
  const std::vector<double>& numbers = version.Numbers(3);
  if (numbers.empty()) return "";
  std::string text;
  for (const double number : numbers) {
    if (!(number >= 0 && number <= 999 && std::trunc(number) == number)) {
      version.Refuse("is not a version");
      return "";
    }
    text += (text.empty() ? "" : ".") + std::to_string(static_cast<int>(number));
  }
  const bool known = (numbers[0] == 1 && numbers[1] >= 7) || numbers[0] == 2 || numbers[0] == 3;
  if (!known) version.Refuse("written by XGBoost " + text + ", supported are 1.7 to 3.x");
  return text;
}

bool IsName(const std::string& name) {
  constexpr std::size_t kMaxNameBytes = 128;
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::vector<std::string> ReadNames(const Field& learner, std::size_t max_features) {
  const Field field = learner.Member("feature_names");
  if (field.size() > max_features) {
    field.Refuse("more than " + std::to_string(max_features), base::ErrorCode::kFull);
    return {};
  }
  std::vector<std::string> names = field.Texts();
  if (names.empty()) field.Refuse("there are none; train with feature names");
  if (!std::all_of(names.begin(), names.end(), IsName)) {
    field.Refuse("a name is empty, too long or has characters other than printable ASCII");
  }
  if (std::set<std::string>(names.begin(), names.end()).size() != names.size()) {
    field.Refuse("two columns have the same name");
  }
  return names;
}

void CheckTypes(const Field& learner, std::size_t features) {
  const Field field = learner.Member("feature_types");
  const std::vector<std::string> types = field.Texts();
  if (!types.empty() && types.size() != features) field.Refuse("not one for each column");
  // As data of these types are compared like any number (src/data/data.cc, LoadFeatureType).
  const std::set<std::string> numeric = {"int", "float", "i", "q"};
  for (const std::string& type : types) {
    if (numeric.count(type) == 0) field.Refuse("a column is not numeric");
  }
}

void Expect(const Field& field, const std::string& text) {
  if (field.Text() != text) field.Refuse("is not " + text + ", nothing else is supported");
}

// "5E-1" up to 3.0, "[5E-1]" from 3.1 on. The margin as XGBoost's LogisticRegression::ProbToMargin
// computes it (src/objective/regression_loss.h), in float.
float ReadMargin(const Field& field) {
  const std::string whole = field.Text();
  std::string_view text = whole;
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  float score = 0;
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), score);
  // From 3.1 on XGBoost moves scores into these bounds (its kRtEps), before it did not.
  constexpr float kLeast = 1e-6F;
  if (code != std::errc() || stop != text.data() + text.size() ||
      !(score >= kLeast && score <= 1.0F - kLeast)) {
    field.Refuse("is not one probability from 0.000001 to 0.999999");
    return 0;
  }
  return -std::log(1.0F / score - 1.0F);
}

// Trees of several rounds and of one round are summed alike; what is checked is that no tree would
// be left out: XGBoost walks whole rounds only, and from 2.0 on those that iteration_indptr names.
void CheckRounds(const Field& model, std::int64_t trees) {
  const Field parameters = model.Member("gbtree_model_param");
  (void)parameters.Member("num_trees").Whole(trees, trees);
  const auto parallel = parameters.Member("num_parallel_tree").Whole(1, INT32_MAX);
  if (trees % parallel != 0) model.Refuse("the last round lacks trees");
  for (const double group : model.Member("tree_info").Numbers(static_cast<std::size_t>(trees))) {
    if (group != 0) model.Member("tree_info").Refuse("more than one class is not supported");
  }
  if (!model.Has("iteration_indptr")) return;
  const Field rounds = model.Member("iteration_indptr");
  const std::vector<double>& ends = rounds.Numbers(rounds.size());
  if (ends.empty() || ends.front() != 0 || ends.back() != static_cast<double>(trees) ||
      !std::is_sorted(ends.begin(), ends.end())) {
    rounds.Refuse("does not cover all trees");
  }
}

std::vector<Tree> ReadTrees(const Field& model, std::size_t features, const Limits& limits,
                            Trouble* trouble) {
  const Field field = model.Member("trees");
  const std::size_t count = field.size();
  if (count > limits.trees) {
    field.Refuse("more than " + std::to_string(limits.trees), base::ErrorCode::kFull);
  }
  CheckRounds(model, static_cast<std::int64_t>(count));
  std::vector<Tree> trees;
  std::size_t nodes_left = std::min(limits.nodes, Ensemble::kMaxNodes);
  for (std::size_t i = 0; i < count && !trouble->any(); ++i) {
    const TreeBounds bounds = {
        .index = i, .features = features, .nodes = nodes_left, .depth = limits.depth};
    trees.push_back(ReadTree(field.Item(i), bounds, trouble));
    nodes_left -= trees.back().size();
  }
  return trees;
}

Ensemble ReadEnsemble(const Field& root, const Limits& limits, Trouble* trouble) {
  Ensemble ensemble;
  ensemble.written_by = ReadVersion(root.Member("version"));
  const Field learner = root.Member("learner");
  Expect(learner.Member("objective").Member("name"), "binary:logistic");
  const Field booster = learner.Member("gradient_booster");
  Expect(booster.Member("name"), "gbtree");
  if (trouble->any()) return {};  // another booster has other members: name the true reason

  ensemble.features = ReadNames(learner, std::min(limits.features, Ensemble::kMaxFeatures));
  const std::size_t features = ensemble.features.size();
  CheckTypes(learner, features);
  const Field parameters = learner.Member("learner_model_param");
  (void)parameters.Member("num_feature")
      .Whole(static_cast<std::int64_t>(features), static_cast<std::int64_t>(features));
  (void)parameters.Member("num_class").Whole(0, 0);
  if (parameters.Has("num_target")) (void)parameters.Member("num_target").Whole(1, 1);
  ensemble.base_margin = ReadMargin(parameters.Member("base_score"));
  ensemble.trees = ReadTrees(booster.Member("model"), features, limits, trouble);
  return ensemble;
}

}  // namespace

base::Result<Ensemble> Load(std::string_view bytes, const Limits& limits) {
  if (bytes.size() > limits.bytes) {
    return base::Error{.code = base::ErrorCode::kFull,
                       .message = "larger than " + std::to_string(limits.bytes) + " bytes"};
  }
  // A tree has 17 members, 4 of them below tree_param; a node is a number in 10 arrays; a little
  // more leaves room for what later versions add.
  const DocumentLimits bounds = {.values = 1'000 + 2 * limits.features + 30 * limits.trees,
                                 .numbers = 1'000 + 12 * limits.nodes + 4 * limits.trees};
  const base::Result<Value> document = ParseDocument(bytes, bounds);
  if (!document) return document.error();
  Trouble trouble;
  Ensemble ensemble = ReadEnsemble(Field(&*document, "", &trouble), limits, &trouble);
  if (trouble.any()) return *trouble.first;
  return ensemble;
}

}  // namespace model::xgboost
