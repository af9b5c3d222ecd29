#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model-svc/xgboost/ensemble.h"

// The JSON files of a model folder as values: pure functions of their text, strict and bounded.
// Every Error is kInvalid and names the file and the member.
namespace model {

constexpr std::size_t kMaxFeatures = xgboost::Ensemble::kMaxFeatures;
constexpr std::size_t kMaxNameBytes = 128;  // of a version, a run id, a feature
constexpr std::size_t kMaxGoldenRows = 10'000;

struct Meta {
  std::string version;
  std::string run_id;
  float threshold = 0;
  std::string training;  // a JSON object as text
};
base::Result<Meta> ParseMeta(std::string_view text);

// The names, after their hash was compared: no two equal, at least one.
base::Result<std::vector<std::string>> ParseSchema(std::string_view text);

struct Golden {
  std::vector<float> rows;  // one after the other, NaN for null
  std::vector<double> scores;
};
// Every row has `columns` cells; as many scores as rows, each from 0 to 1.
base::Result<Golden> ParseGolden(std::string_view text, std::size_t columns);

}  // namespace model
