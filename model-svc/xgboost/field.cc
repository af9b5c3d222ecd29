#include "model-svc/xgboost/field.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace model::xgboost {
namespace {

std::optional<std::int64_t> WholeOf(const Value& value) {
  if (value.kind == Value::Kind::kNumber) {
    constexpr double kExact = 9007199254740992.0;  // 2^53: beyond it doubles skip whole numbers
    const bool whole = std::trunc(value.number) == value.number && std::abs(value.number) < kExact;
    return whole ? std::optional(static_cast<std::int64_t>(value.number)) : std::nullopt;
  }
  std::int64_t number = 0;
  const char* end = value.text.data() + value.text.size();
  const auto [stop, code] = std::from_chars(value.text.data(), end, number);
  return code == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

}  // namespace

void Trouble::Add(const std::string& place, const std::string& reason, base::ErrorCode code) {
  if (!first) first = base::Error{.code = code, .message = place + ": " + reason};
}

bool Field::Is(Value::Kind kind, const char* name) const {
  if (value_ == nullptr) return false;
  if (value_->kind != kind) Refuse(std::string("is not ") + name);
  return value_->kind == kind;
}

bool Field::Has(const std::string& name) const {
  return value_ != nullptr &&
         std::find(value_->names.begin(), value_->names.end(), name) != value_->names.end();
}

Field Field::Member(const std::string& name) const {
  const std::string path = path_.empty() ? name : path_ + "." + name;
  const Value* found = nullptr;
  if (Is(Value::Kind::kObject, "an object")) {
    const auto at = std::find(value_->names.begin(), value_->names.end(), name);
    if (at != value_->names.end()) found = &value_->items[at - value_->names.begin()];
    if (found == nullptr) trouble_->Add(path, "is missing");
  }
  return {found, path, trouble_};
}

std::size_t Field::size() const {
  if (!Is(Value::Kind::kArray, "an array")) return 0;
  return std::max(value_->items.size(), value_->numbers.size());
}

Field Field::Item(std::size_t index) const {
  const std::string path = path_ + "[" + std::to_string(index) + "]";
  const Value* found = nullptr;
  if (Is(Value::Kind::kArray, "an array")) {
    if (index < value_->items.size()) found = &value_->items[index];
    if (found == nullptr) trouble_->Add(path, "is missing or a number");
  }
  return {found, path, trouble_};
}

std::string Field::Text() const {
  return Is(Value::Kind::kText, "a text") ? value_->text : std::string();
}

std::int64_t Field::Whole(std::int64_t least, std::int64_t most) const {
  if (value_ == nullptr) return least;
  const std::optional<std::int64_t> number = WholeOf(*value_);
  if (number && *number >= least && *number <= most) return *number;
  Refuse("is not a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return least;
}

const std::vector<double>& Field::Numbers(std::size_t size) const {
  static const std::vector<double> none;
  if (!Is(Value::Kind::kArray, "an array")) return none;
  if (value_->items.empty() && value_->numbers.size() == size) return value_->numbers;
  Refuse("is not an array of " + std::to_string(size) + " numbers");
  return none;
}

std::vector<std::string> Field::Texts() const {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < size(); ++i) texts.push_back(Item(i).Text());
  return texts;
}

}  // namespace model::xgboost
