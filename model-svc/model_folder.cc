#include "model-svc/model_folder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <utility>

#include "base/file.h"
#include "model-svc/model_parts.h"
#include "model-svc/sha256.h"
#include "model-svc/xgboost/loader.h"

namespace model {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

constexpr char kSums[] = "SHA256SUMS";
constexpr std::size_t kMaxModelBytes = xgboost::Limits{}.bytes;
constexpr std::size_t kMaxOtherBytes = 1 << 20;
constexpr double kTolerance = 1e-6;  // of a golden score

// The four files that SHA256SUMS lists, in its order, and their bytes.
struct Files {
  std::array<std::string, 4> names = {"golden.json", "meta.json", "model.json", "schema.json"};
  std::array<std::string, 4> bytes;

  [[nodiscard]] const std::string& golden() const { return bytes[0]; }
  [[nodiscard]] const std::string& meta() const { return bytes[1]; }
  [[nodiscard]] const std::string& model() const { return bytes[2]; }
  [[nodiscard]] const std::string& schema() const { return bytes[3]; }
};

Result<std::string> ReadBounded(const std::string& path, std::size_t max_bytes) {
  auto bytes = base::ReadFile(path, max_bytes + 1);
  if (bytes && bytes->size() > max_bytes) {
    return Error{ErrorCode::kInvalid, path + ": over " + std::to_string(max_bytes) + " bytes"};
  }
  return bytes;
}

Result<Files> ReadFiles(const std::string& folder) {
  Files files;
  std::error_code ignored;
  if (std::filesystem::exists(folder + "/model.ubj", ignored)) {
    if (std::filesystem::exists(folder + "/model.json", ignored)) {
      return Error{ErrorCode::kInvalid, "model.json and model.ubj are both there"};
    }
    files.names[2] = "model.ubj";
  }
  for (std::size_t i = 0; i < files.names.size(); ++i) {
    auto bytes =
        ReadBounded(folder + "/" + files.names[i], i == 2 ? kMaxModelBytes : kMaxOtherBytes);
    if (!bytes) return bytes.error();
    files.bytes[i] = std::move(*bytes);
  }
  return files;
}

// SHA256SUMS has one way to be right. It is told apart which file does not match and that the list
// itself is not as it should be.
base::Status CheckSums(const std::string& sums, const Files& files) {
  std::string expected;
  for (std::size_t i = 0; i < files.names.size(); ++i) {
    const std::string entry = "  " + files.names[i] + "\n";
    const std::string line = Sha256Hex(files.bytes[i]) + entry;
    const std::string listed = sums.substr(std::min(sums.size(), expected.size()), line.size());
    if (listed.size() != line.size() || !listed.ends_with(entry)) {
      return Error{ErrorCode::kInvalid, std::string(kSums) + ": line " + std::to_string(i + 1) +
                                            " is not the hash of " + files.names[i]};
    }
    if (listed != line) {
      return Error{ErrorCode::kCorrupt, files.names[i] + ": does not match " + kSums};
    }
    expected += line;
  }
  if (sums.size() != expected.size()) {
    return Error{ErrorCode::kInvalid, std::string(kSums) + ": has more than four lines"};
  }
  return {};
}

base::Status CheckFeatures(const std::vector<std::string>& schema, const std::string& file,
                           const std::vector<std::string>& model) {
  if (schema.size() != model.size()) {
    return Error{ErrorCode::kInvalid, file + ": has " + std::to_string(model.size()) +
                                          " features, schema.json has " +
                                          std::to_string(schema.size())};
  }
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (schema[i] == model[i]) continue;
    return Error{ErrorCode::kInvalid, file + ": feature " + std::to_string(i) + " is not " +
                                          schema[i] + " as in schema.json"};
  }
  return {};
}

base::Status CheckScores(const Golden& golden, const xgboost::Forest& forest) {
  for (std::size_t i = 0; i < golden.scores.size(); ++i) {
    const double score = forest.Score(golden.rows.data() + i * forest.columns());
    if (std::abs(score - golden.scores[i]) <= kTolerance) continue;  // false for NaN
    return Error{ErrorCode::kInvalid, "golden.json: row " + std::to_string(i) + " scores " +
                                          std::to_string(score) + ", not " +
                                          std::to_string(golden.scores[i])};
  }
  return {};
}

Result<std::shared_ptr<const Model>> Build(std::string sums, const Files& files) {
  auto meta = ParseMeta(files.meta());
  if (!meta) return meta.error();
  auto features = ParseSchema(files.schema());
  if (!features) return features.error();
  const auto golden = ParseGolden(files.golden(), features->size());
  if (!golden) return golden.error();
  const auto ensemble = xgboost::Load(files.model());
  if (!ensemble) return ensemble.error().Wrap(files.names[2]);
  if (const auto same = CheckFeatures(*features, files.names[2], ensemble->features); !same) {
    return same.error();
  }
  xgboost::Forest forest(*ensemble);
  if (const auto good = CheckScores(*golden, forest); !good) return good.error();
  return std::make_shared<const Model>(Model{.version = std::move(meta->version),
                                             .run_id = std::move(meta->run_id),
                                             .sha256 = Sha256Hex(files.model()),
                                             .threshold = meta->threshold,
                                             .features = std::move(*features),
                                             .training = std::move(meta->training),
                                             .sums = std::move(sums),
                                             .forest = std::move(forest)});
}

}  // namespace

Result<std::shared_ptr<const Model>> LoadFolder(const std::string& path) {
  auto sums = ReadBounded(path + "/" + kSums, kMaxOtherBytes);
  if (!sums) return sums.error().Wrap("no model folder");
  const auto files = ReadFiles(path);
  if (!files) return files.error();
  if (const auto same = CheckSums(*sums, *files); !same) return same.error();
  return Build(std::move(*sums), *files);
}

}  // namespace model
