#include "model-svc/predict/answer.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace model::predict {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMaxNumberBytes = 24;  // of a 64-bit integer and of any float

template <typename Number>
void AppendNumber(Number number, std::string* out) {
  std::array<char, kMaxNumberBytes> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  out->append(text.data(), end);
}

// The double whose shortest decimal is the float's.
double ShortestDouble(float number) {
  std::string text;
  AppendNumber(number, &text);
  return std::strtod(text.c_str(), nullptr);
}

}  // namespace

AnswerFormat::AnswerFormat(const Model& model) : threshold_(model.threshold) {
  for (std::size_t i = 0; i < tails_.size(); ++i) {
    const ordered_json tail = {{"is_fraud", (i & 1) != 0},
                               {"threshold", ShortestDouble(threshold_)},
                               {"model_version", model.version},
                               {"features_source", (i & 2) != 0 ? "request" : "missing"}};
    tails_[i] = "," + tail.dump().substr(1);
  }
}

void AnswerFormat::Append(const Transaction& transaction, float score, std::string* out) const {
  out->append(R"({"transaction_id":)");
  AppendNumber(transaction.transaction_id, out);
  out->append(R"(,"fraud_probability":)");
  AppendNumber(score, out);
  out->append(tails_[(IsFraud(score) ? 1 : 0) + (transaction.features_given ? 2 : 0)]);
}

std::size_t AnswerFormat::LongestBytes() const {
  const auto shorter = [](const std::string& a, const std::string& b) {
    return a.size() < b.size();
  };
  constexpr std::size_t kNames = 40;  // transaction_id, fraud_probability and what is around them
  return kNames + 2 * kMaxNumberBytes +
         std::max_element(tails_.begin(), tails_.end(), shorter)->size();
}

std::string ModelText(const Model& model) {
  ordered_json text = {
      {"model_version", model.version}, {"run_id", model.run_id},
      {"sha256", model.sha256},         {"threshold", ShortestDouble(model.threshold)},
      {"features", model.features},     {"training", ordered_json::parse(model.training)}};
  if (model.run_id.empty()) text["run_id"] = nullptr;
  return text.dump() + "\n";
}

}  // namespace model::predict
