#include "model-svc/xgboost/tree_reader.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace model::xgboost {
namespace {

// XGBoost keeps a parent in 31 bits and a split's column in 31 bits beside default_left, and writes
// "none" (the root's parent, a deleted node's column) with all of them set.
constexpr double kNone = 2147483647;

// The arrays of a tree, each `nodes` long.
struct Columns {
  std::size_t nodes = 0;
  const std::vector<double>&left, &right, &parent, &feature, &condition, &default_left;
};

// XGBoost's own rule (RegTree::Node::IsDeleted): all 32 bits of column and default_left.
bool IsDeleted(const Columns& columns, std::size_t i) {
  return columns.feature[i] == kNone && columns.default_left[i] == 1;
}

bool IsIndex(double number, std::size_t end) {
  return number >= 0 && number < static_cast<double>(end) && std::trunc(number) == number;
}

// Why node `i` cannot be, or "".
std::string FaultOf(const Columns& columns, std::size_t i, std::size_t features) {
  if (columns.default_left[i] != 0 && columns.default_left[i] != 1) return "default_left";
  // A double that is out of float's range would become infinite.
  if (!std::isfinite(static_cast<float>(columns.condition[i]))) return "value is not finite";
  if (columns.left[i] == Node::kLeaf) {
    return columns.right[i] == Node::kLeaf ? "" : "has a right child only";
  }
  if (!IsIndex(columns.left[i], columns.nodes)) return "left child is out of range";
  if (!IsIndex(columns.right[i], columns.nodes)) return "right child is out of range";
  if (!IsIndex(columns.feature[i], features)) return "splits on a column that does not exist";
  return "";
}

// In XGBoost's files the value of a leaf stands where a split has its condition
// (RegTree::Node::Info is a union); base_weights is before shrinkage and not what is summed.
Node MakeNode(const Columns& columns, std::size_t i) {
  Node node{.value = static_cast<float>(columns.condition[i])};
  if (columns.left[i] == Node::kLeaf) return node;
  node.left = static_cast<std::int32_t>(columns.left[i]);
  node.right = static_cast<std::int32_t>(columns.right[i]);
  node.feature = static_cast<std::int32_t>(columns.feature[i]);
  node.default_left = columns.default_left[i] == 1;
  return node;
}

// Why the nodes are no tree below node 0, or "". Level by level, each node once: a cycle or a
// second parent is met as a node that was there before.
std::string ShapeFault(const Tree& tree, const Columns& columns, int max_depth) {
  std::vector<bool> seen(tree.size());
  std::vector<std::int32_t> level = {0};
  seen[0] = true;
  std::size_t reached = 1;
  for (int depth = 0; !level.empty(); ++depth) {
    if (depth > max_depth) return "is deeper than " + std::to_string(max_depth);
    std::vector<std::int32_t> next;
    for (const std::int32_t node : level) {
      if (tree[node].leaf()) continue;
      for (const std::int32_t child : {tree[node].left, tree[node].right}) {
        if (seen[child]) return "node " + std::to_string(child) + " has two parents";
        if (columns.parent[child] != node || IsDeleted(columns, child)) {
          return "node " + std::to_string(child) + " is deleted or names another parent";
        }
        seen[child] = true;
        next.push_back(child);
      }
    }
    reached += next.size();
    level = std::move(next);
  }
  std::size_t deleted = 0;
  for (std::size_t i = 0; i < tree.size(); ++i) deleted += IsDeleted(columns, i) ? 1 : 0;
  return reached + deleted == tree.size() ? "" : "has a node that nothing leads to";
}

// Statistics that play no part in a score; their lengths must agree all the same, as XGBoost asks.
void CheckRest(const Field& tree, std::size_t nodes) {
  for (const char* name : {"base_weights", "loss_changes", "sum_hessian"}) {
    (void)tree.Member(name).Numbers(nodes);
  }
  for (const double type : tree.Member("split_type").Numbers(nodes)) {
    if (type != 0) return tree.Refuse("a categorical split is not supported");
  }
  for (const char* name :
       {"categories", "categories_nodes", "categories_segments", "categories_sizes"}) {
    if (tree.Member(name).size() != 0) tree.Refuse("a categorical split is not supported");
  }
}

// The numbers of tree_param; how many nodes there are.
std::size_t CheckParameters(const Field& tree, const TreeBounds& bounds) {
  const auto index = static_cast<std::int64_t>(bounds.index);
  const auto features = static_cast<std::int64_t>(bounds.features);
  // XGBoost puts a tree at the place that its id names.
  (void)tree.Member("id").Whole(index, index);
  const Field parameters = tree.Member("tree_param");
  (void)parameters.Member("num_feature").Whole(features, features);
  (void)parameters.Member("size_leaf_vector").Whole(0, 1);  // 0 up to 1.7
  const auto nodes = parameters.Member("num_nodes").Whole(1, INT32_MAX);
  if (static_cast<std::size_t>(nodes) > bounds.nodes) {
    tree.Refuse("too many nodes", base::ErrorCode::kFull);
  }
  return static_cast<std::size_t>(nodes);
}

Tree MakeTree(const Field& field, const Columns& columns, const TreeBounds& bounds) {
  Tree tree(columns.nodes);
  for (std::size_t i = 0; i < columns.nodes; ++i) {
    const std::string fault = IsDeleted(columns, i) ? "" : FaultOf(columns, i, bounds.features);
    if (!fault.empty()) field.Refuse("node " + std::to_string(i) + " " + fault);
    if (!fault.empty()) return {};
    if (!IsDeleted(columns, i)) tree[i] = MakeNode(columns, i);
  }
  if (IsDeleted(columns, 0) || columns.parent[0] != kNone) field.Refuse("node 0 is not the root");
  return tree;
}

}  // namespace

Tree ReadTree(const Field& tree, const TreeBounds& bounds, Trouble* trouble) {
  const std::size_t nodes = CheckParameters(tree, bounds);
  if (trouble->any()) return {};
  CheckRest(tree, nodes);
  const Columns columns = {nodes,
                           tree.Member("left_children").Numbers(nodes),
                           tree.Member("right_children").Numbers(nodes),
                           tree.Member("parents").Numbers(nodes),
                           tree.Member("split_indices").Numbers(nodes),
                           tree.Member("split_conditions").Numbers(nodes),
                           tree.Member("default_left").Numbers(nodes)};
  if (trouble->any()) return {};
  std::int64_t deleted = 0;
  for (std::size_t i = 0; i < nodes; ++i) deleted += IsDeleted(columns, i) ? 1 : 0;
  (void)tree.Member("tree_param").Member("num_deleted").Whole(deleted, deleted);
  Tree made = MakeTree(tree, columns, bounds);
  if (trouble->any()) return {};
  const std::string fault = ShapeFault(made, columns, bounds.depth);
  if (!fault.empty()) tree.Refuse(fault);
  return made;
}

}  // namespace model::xgboost
