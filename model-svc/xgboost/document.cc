#include "model-svc/xgboost/document.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

namespace model::xgboost {
namespace {

// With float as its type of fractions the library reads them with strtof: one rounding, not two.
using Json = nlohmann::basic_json<std::map, std::vector, std::string, bool, std::int64_t,
                                  std::uint64_t, float>;

// Builds the Value while the library reads, and stops it (by returning false) at a limit. The
// library's own document would be built from the lengths that the file announces.
class Builder : public nlohmann::json_sax<Json> {
 public:
  Builder(const DocumentLimits& limits, std::size_t bytes) : limits_(limits), bytes_(bytes) {}

  bool null() override { return Add({.kind = Value::Kind::kNull}); }
  bool boolean(bool value) override { return Number(value ? 1 : 0); }
  bool number_integer(std::int64_t value) override { return Number(static_cast<double>(value)); }
  bool number_unsigned(std::uint64_t value) override { return Number(static_cast<double>(value)); }
  bool number_float(float value, const std::string& /*text*/) override { return Number(value); }
  bool string(std::string& value) override {
    return Add({.kind = Value::Kind::kText, .text = std::move(value)});
  }
  bool binary(Json::binary_t& /*value*/) override { return Stop("binary data"); }

  bool start_object(std::size_t /*size*/) override { return Open(Value::Kind::kObject); }
  bool start_array(std::size_t /*size*/) override { return Open(Value::Kind::kArray); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(std::string& name) override {
    std::vector<std::string>& names = open_.back()->names;
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      return Stop("a name stands twice in one object");
    }
    // Objects of the format have few members; a search of all is cheap only while that holds.
    if (names.size() == kMaxMembers) return Stop("an object has too many members");
    names.push_back(std::move(name));
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return Stop("malformed near byte " + std::to_string(position));
  }

  base::Result<Value> Take(bool complete) {
    if (!complete && !error_) Stop("malformed");
    if (error_) return *error_;
    return std::move(root_);
  }

 private:
  static constexpr std::size_t kMaxMembers = 1'000;

  bool Stop(const std::string& reason, base::ErrorCode code = base::ErrorCode::kInvalid) {
    if (!error_) error_ = base::Error{.code = code, .message = reason};
    return false;
  }
  bool Count(std::size_t* count, std::size_t limit) {
    if (++total_ > bytes_) return Stop("more values than the file has bytes");
    if (++*count > limit) return Stop("too many values", base::ErrorCode::kFull);
    return true;
  }
  bool Number(double number) {
    if (open_.empty() || open_.back()->kind != Value::Kind::kArray) {
      return Add({.kind = Value::Kind::kNumber, .number = number});
    }
    if (!open_.back()->items.empty()) return Stop("an array mixes numbers with something else");
    open_.back()->numbers.push_back(number);
    return Count(&numbers_, limits_.numbers);
  }
  bool Add(Value value) { return Place(std::move(value)) != nullptr; }
  bool Open(Value::Kind kind) {
    if (open_.size() == static_cast<std::size_t>(limits_.depth)) return Stop("nested too deeply");
    Value* value = Place({.kind = kind});
    if (value != nullptr) open_.push_back(value);
    return value != nullptr;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }
  // Where the value now is. It stays there while it is open: only the innermost open value grows.
  Value* Place(Value value) {
    if (!Count(&values_, limits_.values)) return nullptr;
    if (open_.empty()) return &(root_ = std::move(value));
    if (!open_.back()->numbers.empty()) {
      Stop("an array mixes numbers with something else");
      return nullptr;
    }
    return &open_.back()->items.emplace_back(std::move(value));
  }

  const DocumentLimits& limits_;
  const std::size_t bytes_;
  Value root_;
  std::vector<Value*> open_;  // from the root inwards
  std::size_t values_ = 0;
  std::size_t numbers_ = 0;
  std::size_t total_ = 0;
  std::optional<base::Error> error_;
};

// As XGBoost tells them apart: '{' and then a quote or a blank is JSON; in UBJSON the length of the
// first name follows.
bool LooksLikeJson(std::string_view bytes) {
  return bytes.size() < 2 ||
         std::string_view("\" \t\r\n}").find(bytes[1]) != std::string_view::npos;
}

}  // namespace

base::Result<Value> ParseDocument(std::string_view bytes, const DocumentLimits& limits) {
  if (bytes.empty() || bytes[0] != '{') {
    return base::Error{.code = base::ErrorCode::kInvalid, .message = "neither JSON nor UBJSON"};
  }
  Builder builder(limits, bytes.size());
  const auto format = LooksLikeJson(bytes) ? nlohmann::detail::input_format_t::json
                                           : nlohmann::detail::input_format_t::ubjson;
  return builder.Take(Json::sax_parse(bytes.begin(), bytes.end(), &builder, format));
}

}  // namespace model::xgboost
