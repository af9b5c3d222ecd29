#include "model-svc/model_parts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "model-svc/sha256.h"

namespace model {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
using nlohmann::ordered_json;
using Type = ordered_json::value_t;

constexpr int kMaxDepth = 32;  // dump() of a deeper document could overflow the stack

Error Wrong(const std::string& file, const std::string& what) {
  return {.code = ErrorCode::kInvalid, .message = file + ": " + what};
}

// The object that `text` is.
Result<ordered_json> ParseObject(const std::string& file, std::string_view text) {
  const auto shallow = [](int depth, ordered_json::parse_event_t, ordered_json&) {
    if (depth > kMaxDepth) throw std::length_error("nested too deeply");
    return true;
  };
  try {
    auto document = ordered_json::parse(text, shallow);
    if (!document.is_object()) return Wrong(file, "no JSON object");
    return document;
  } catch (const std::length_error& error) {
    return Wrong(file, error.what());
  } catch (const ordered_json::parse_error& error) {  // its own text may quote the whole file
    return Wrong(file, "no JSON from byte " + std::to_string(error.byte));
  } catch (const ordered_json::exception&) {
    return Wrong(file, "a number is out of range");
  }
}

// The member of that name; nullptr when there is none of that type.
const ordered_json* Find(const ordered_json& object, const char* name, Type type) {
  const auto at = object.find(name);
  return at != object.end() && at->type() == type ? &*at : nullptr;
}

bool IsName(const ordered_json& value) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  return !text.empty() && text.size() <= kMaxNameBytes &&
         std::none_of(text.begin(), text.end(), control);
}

bool IsShare(const ordered_json& value) {
  return value.is_number() && value.get<double>() >= 0 && value.get<double>() <= 1;
}

// Appends a row's cells; "" or what is wrong.
std::string AppendRow(const ordered_json& row, std::size_t columns, std::vector<float>* cells) {
  if (!row.is_array() || row.size() != columns) {
    return "is no array of " + std::to_string(columns) + " cells";
  }
  for (const ordered_json& cell : row) {
    if (!cell.is_null() && !cell.is_number()) return "has a cell that is no number and not null";
    cells->push_back(cell.is_null() ? std::numeric_limits<float>::quiet_NaN()
                                    : static_cast<float>(cell.get<double>()));
    if (std::isinf(cells->back())) return "has a cell that is infinite as a float";
  }
  return "";
}

}  // namespace

Result<Meta> ParseMeta(std::string_view text) {
  const std::string file = "meta.json";
  const auto document = ParseObject(file, text);
  if (!document) return document.error();
  const ordered_json null;
  const auto member = [&](const char* name) { return document->value(name, null); };
  if (member("format") != 1) return Wrong(file, "format: is not 1");
  const ordered_json version = member("model_version");
  if (!IsName(version)) return Wrong(file, "model_version: is no text of 1 to 128 bytes");
  const ordered_json run_id = member("run_id");
  if (!run_id.is_null() && !IsName(run_id)) {
    return Wrong(file, "run_id: is neither null nor a text of 1 to 128 bytes");
  }
  const ordered_json threshold = member("threshold");
  if (!IsShare(threshold)) return Wrong(file, "threshold: is no number from 0 to 1");
  const ordered_json training = document->value("training", ordered_json::object());
  if (!training.is_object()) return Wrong(file, "training: is no object");
  return Meta{.version = version.get<std::string>(),
              .run_id = run_id.is_null() ? "" : run_id.get<std::string>(),
              .threshold = static_cast<float>(threshold.get<double>()),
              .training = training.dump()};
}

Result<std::vector<std::string>> ParseSchema(std::string_view text) {
  const std::string file = "schema.json";
  const auto document = ParseObject(file, text);
  if (!document) return document.error();
  const ordered_json* names = Find(*document, "features", Type::array);
  if (names == nullptr || names->empty() || names->size() > kMaxFeatures) {
    return Wrong(file, "features: is no array of 1 to 256 names");
  }
  std::vector<std::string> features;
  std::string lines;
  for (const ordered_json& name : *names) {
    if (!IsName(name)) return Wrong(file, "features: has a name that is no text of 1 to 128 bytes");
    features.push_back(name.get<std::string>());
    lines += features.back() + "\n";
  }
  if (std::set<std::string>(features.begin(), features.end()).size() != features.size()) {
    return Wrong(file, "features: has a name twice");
  }
  const ordered_json* sha256 = Find(*document, "sha256", Type::string);
  if (sha256 == nullptr || *sha256 != Sha256Hex(lines)) {
    return Wrong(file, "sha256: is not the hash of the names");
  }
  return features;
}

Result<Golden> ParseGolden(std::string_view text, std::size_t columns) {
  const std::string file = "golden.json";
  const auto document = ParseObject(file, text);
  if (!document) return document.error();
  const ordered_json* rows = Find(*document, "rows", Type::array);
  if (rows == nullptr || rows->empty() || rows->size() > kMaxGoldenRows) {
    return Wrong(file, "rows: is no array of 1 to 10000 rows");
  }
  const ordered_json* scores = Find(*document, "scores", Type::array);
  if (scores == nullptr || scores->size() != rows->size()) {
    return Wrong(file, "scores: is no array of as many numbers as there are rows");
  }
  Golden golden;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const std::string problem = AppendRow((*rows)[i], columns, &golden.rows);
    const std::string index = "[" + std::to_string(i) + "]";
    if (!problem.empty()) return Wrong(file, "rows" + index + ": " + problem);
    if (!IsShare((*scores)[i])) return Wrong(file, "scores" + index + ": is no number from 0 to 1");
    golden.scores.push_back((*scores)[i].get<double>());
  }
  return golden;
}

}  // namespace model
