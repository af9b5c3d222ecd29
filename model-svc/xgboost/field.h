#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model-svc/xgboost/document.h"

// Private to the loader: reading a document with the place of the first mistake.
namespace model::xgboost {

// The first thing that was wrong. What is read after it is harmless emptiness, so that a reader
// need not look after each step; it looks once, before it believes anything.
struct Trouble {
  std::optional<base::Error> first = std::nullopt;

  void Add(const std::string& place, const std::string& reason,
           base::ErrorCode code = base::ErrorCode::kInvalid);
  [[nodiscard]] bool any() const { return first.has_value(); }
};

// A value and its path, "learner.objective.name".
class Field {
 public:
  Field(const Value* value, std::string path, Trouble* trouble)
      : value_(value), path_(std::move(path)), trouble_(trouble) {}

  [[nodiscard]] Field Member(const std::string& name) const;  // must be there
  [[nodiscard]] bool Has(const std::string& name) const;
  [[nodiscard]] Field Item(std::size_t index) const;  // must be there
  [[nodiscard]] std::size_t size() const;             // of an array, of whatever; else 0

  [[nodiscard]] std::string Text() const;
  // A whole number from `least` to `most`, or a text that is one: XGBoost writes its parameters as
  // texts. `least` when it is not.
  [[nodiscard]] std::int64_t Whole(std::int64_t least, std::int64_t most) const;
  // An array of exactly `size` numbers. Empty when it is not.
  [[nodiscard]] const std::vector<double>& Numbers(std::size_t size) const;
  // An array of texts.
  [[nodiscard]] std::vector<std::string> Texts() const;

  void Refuse(const std::string& reason, base::ErrorCode code = base::ErrorCode::kInvalid) const {
    trouble_->Add(path_, reason, code);
  }

 private:
  [[nodiscard]] bool Is(Value::Kind kind, const char* name) const;

  const Value* value_;  // null behind a mistake
  std::string path_;
  Trouble* trouble_;
};

}  // namespace model::xgboost
