#pragma once

#include <string>
#include <vector>

#include "model-svc/sha256.h"
#include "model-svc/xgboost/forest.h"
#include "model-svc/xgboost/loader.h"
#include "tests/support/temp_dir.h"

namespace support {

// A model folder of a few stumps, as text that a test can change before it is written.
//
// The columns are tx_amount, tx_during_weekend, tx_during_night and two that come from `features`,
// a_mean and b_count. Tree i sends tx_amount < 100 + i, and a missing one, to the left.
class SmallFolder {
 public:
  explicit SmallFolder(int trees = 3, const std::string& version = "small-1") {
    meta = R"({"format": 1, "model_version": ")" + version +
           R"(", "run_id": null, "threshold": 0.5, "training": {"seed": 7}})";
    schema = R"({"features": [)" + QuotedFeatures() + R"(], "sha256": ")" +
             model::Sha256Hex("tx_amount\ntx_during_weekend\ntx_during_night\na_mean\nb_count\n") +
             "\"}";
    model = ModelJson(trees);
    golden = GoldenJson(model);
  }

  // All five files, with hashes that are right.
  void Write() const {
    WriteParts();
    directory.Write("SHA256SUMS", Sums());
  }
  // The four without SHA256SUMS.
  void WriteParts() const {
    directory.Write("meta.json", meta);
    directory.Write("schema.json", schema);
    directory.Write("golden.json", golden);
    directory.Write(model_name, model);
  }
  [[nodiscard]] std::string Sums() const {
    return model::Sha256Hex(golden) + "  golden.json\n" + model::Sha256Hex(meta) + "  meta.json\n" +
           model::Sha256Hex(model) + "  " + model_name + "\n" + model::Sha256Hex(schema) +
           "  schema.json\n";
  }
  [[nodiscard]] const std::string& path() const { return directory.path(); }

  static std::string QuotedFeatures() {
    return R"("tx_amount", "tx_during_weekend", "tx_during_night", "a_mean", "b_count")";
  }
  // Rows and the scores that this very model gives them.
  static std::string GoldenJson(const std::string& model) {
    const model::xgboost::Forest forest(*model::xgboost::Load(model));
    const std::vector<float> rows = {1, 0, 0, 0, 0, 500, 1, 1, 7.5, 2};
    return R"({"rows": [[1, 0, 0, 0, 0], [500, 1, 1, 7.5, 2]], "scores": [)" +
           std::to_string(forest.Score(rows.data())) + ", " +
           std::to_string(forest.Score(rows.data() + 5)) + "]}";
  }
  // Three nodes each, as XGBoost 3.2.0 writes them.
  static std::string ModelJson(int trees) {
    std::string list, tree_info, indptr = "0";
    for (int i = 0; i < trees; ++i) {
      list += (i > 0 ? "," : "") + TreeJson(i);
      tree_info += i > 0 ? ",0" : "0";
      indptr += "," + std::to_string(i + 1);
    }
    return R"({"learner":{"attributes":{},"feature_names":[)" + QuotedFeatures() +
           R"(],"feature_types":[],"gradient_booster":{"model":{"gbtree_model_param":)" +
           R"({"num_parallel_tree":"1","num_trees":")" + std::to_string(trees) +
           R"("},"iteration_indptr":[)" + indptr + R"(],"tree_info":[)" + tree_info +
           R"(],"trees":[)" + list + R"(]},"name":"gbtree"},"learner_model_param":)" +
           R"({"base_score":"[5E-1]","boost_from_average":"1","num_class":"0","num_feature":"5",)" +
           R"("num_target":"1"},"objective":{"name":"binary:logistic","reg_loss_param":)" +
           R"({"scale_pos_weight":"1"}}},"version":[3,2,0]})";
  }

  // Changed by a test before Write.
  std::string meta, schema, golden, model, model_name = "model.json";
  TempDir directory;

 private:
  static std::string TreeJson(int id) {
    return R"({"base_weights":[0E0,-4E-1,6E-1],"categories":[],"categories_nodes":[],)"
           R"("categories_segments":[],"categories_sizes":[],"default_left":[1,0,0],"id":)" +
           std::to_string(id) +
           R"(,"left_children":[1,-1,-1],"loss_changes":[1E0,0E0,0E0],)"
           R"("parents":[2147483647,0,0],"right_children":[2,-1,-1],"split_conditions":[)" +
           std::to_string(100 + id) +
           R"(E0,-4E-1,6E-1],"split_indices":[0,0,0],"split_type":[0,0,0],)"
           R"("sum_hessian":[3E0,2E0,1E0],"tree_param":{"num_deleted":"0","num_feature":"5",)"
           R"("num_nodes":"3","size_leaf_vector":"1"}})";
  }
};

}  // namespace support
