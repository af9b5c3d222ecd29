#include "model-svc/predict/request_row.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <system_error>

#include "model-svc/predict/datetime.h"

namespace model::predict {
namespace {

using simdjson::ondemand::json_type;

// The fields of a transaction, the required ones first.
enum Field {
  kTransactionId,
  kDatetime,
  kCustomerId,
  kTerminalId,
  kAmount,
  kTimeSeconds,
  kTimeDays,
  kFeatures,
  kFields
};
constexpr std::string_view kNames[kFields] = {"transaction_id", "tx_datetime", "customer_id",
                                              "terminal_id",    "tx_amount",   "tx_time_seconds",
                                              "tx_time_days",   "features"};
constexpr std::size_t kRequired = kTimeSeconds;

constexpr double kMaxAmount = 1e9;
constexpr std::int64_t kAnyInteger = std::numeric_limits<std::int64_t>::min();

// Whether a token is a number that is merely too large for a double: 1e400.
bool IsHuge(std::string_view token) {
  token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
  double ignored = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), ignored);
  return error == std::errc::result_out_of_range && end == token.data() + token.size();
}

}  // namespace

bool RowReader::Add(const char* type, Where where, const char* message) {
  parsed_.mistakes.push_back(
      {.type = type, .row = row_, .where = {where.begin(), where.end()}, .message = message});
  return parsed_.mistakes.size() < kMaxMistakes;
}

bool RowReader::Broken() {
  parsed_.mistakes = {{.type = "json_invalid", .message = "JSON decode error"}};
  return false;
}

void RowReader::Begin() {
  const std::size_t filled = parsed_.rows.size();
  parsed_.rows.resize(filled + columns_.size(), std::numeric_limits<float>::quiet_NaN());
  cells_ = parsed_.rows.data() + filled;
  seen_features_.assign(columns_.size(), 0);
  seen_ = 0;
  transaction_ = {};
}

bool RowReader::Read(simdjson::ondemand::object object) {
  Begin();
  for (auto field : object) {
    std::string_view name;
    simdjson::ondemand::value value;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS ||
        field.value().get(value) != simdjson::SUCCESS) {
      return Broken();
    }
    if (!ReadField(name, value)) return false;
  }
  if (!AddMissing()) return false;
  parsed_.transactions.push_back(transaction_);
  return true;
}

bool RowReader::ReadField(std::string_view name, Value value) {
  for (std::size_t i = 0; i < kFields; ++i) {
    if (kNames[i] != name) continue;
    if ((seen_ & 1u << i) != 0) return Add("duplicate", {name}, "Field is given twice");
    seen_ |= 1u << i;
    return ReadKnown(i, value);
  }
  return Add("extra_forbidden", {name},
             "Extra inputs are not permitted; columns of the model belong in features");
}

bool RowReader::ReadKnown(std::size_t field, Value value) {
  std::int64_t ignored = 0;
  switch (static_cast<Field>(field)) {
    case kTransactionId:
      return ReadInteger(kNames[field], value, kAnyInteger, &transaction_.transaction_id);
    case kTerminalId:
      return ReadInteger(kNames[field], value, kAnyInteger, &transaction_.terminal_id);
    case kCustomerId:
      return ReadInteger(kNames[field], value, kAnyInteger, &ignored);
    case kTimeSeconds:
    case kTimeDays:
      return ReadInteger(kNames[field], value, 0, &ignored);
    case kDatetime:
      return ReadMoment(value);
    case kAmount:
      return ReadAmount(value);
    case kFeatures:
      return ReadFeatures(value);
    case kFields:
      break;
  }
  return Broken();
}

// 1.0 is no integer here, nor is one beyond 64 bits: neither can be an identifier.
bool RowReader::ReadInteger(std::string_view name, Value value, std::int64_t minimum,
                            std::int64_t* out) {
  if (value.get_int64().get(*out) == simdjson::SUCCESS) {
    if (*out >= minimum) return true;
    return Add("greater_than_equal", {name}, "Input should be greater than or equal to 0");
  }
  json_type type;
  double fraction = 0;
  if (value.type().get(type) != simdjson::SUCCESS) return Broken();
  if (type == json_type::number && value.get_double().get(fraction) != simdjson::SUCCESS &&
      !IsHuge(value.raw_json_token())) {
    return Broken();
  }
  return Add("int_type", {name}, "Input should be a valid integer of 64 bits, without a fraction");
}

bool RowReader::ReadMoment(Value value) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) {
    json_type type;
    if (value.type().get(type) != simdjson::SUCCESS || type == json_type::string) return Broken();
    return Add("datetime_type", {kNames[kDatetime]}, "Input should be a valid datetime");
  }
  const auto moment = ReadDatetime(text);
  if (!moment) {
    return Add("datetime_parsing", {kNames[kDatetime]},
               "Input should be a valid datetime without an offset, as 2018-08-08 13:45:00");
  }
  Set(columns_.weekend(), moment->weekday >= 5 ? 1 : 0);
  Set(columns_.night(), moment->hour <= 6 ? 1 : 0);
  return true;
}

bool RowReader::ReadAmount(Value value) {
  double amount = 0;
  if (value.get_double().get(amount) != simdjson::SUCCESS) {
    return AddWrongNumber({kNames[kAmount]}, value);
  }
  if (amount < 0) {
    return Add("greater_than_equal", {kNames[kAmount]},
               "Input should be greater than or equal to 0");
  }
  if (amount > kMaxAmount) {
    return Add("less_than_equal", {kNames[kAmount]},
               "Input should be less than or equal to 1000000000");
  }
  Set(columns_.amount(), amount);
  return true;
}

bool RowReader::ReadFeatures(Value value) {
  json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return Broken();
  if (type != json_type::object) {
    return Add("dict_type", {kNames[kFeatures]}, "Input should be a valid dictionary");
  }
  simdjson::ondemand::object features;
  if (value.get_object().get(features) != simdjson::SUCCESS) return Broken();
  hint_ = 0;
  for (auto field : features) {
    std::string_view name;
    simdjson::ondemand::value feature;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS ||
        field.value().get(feature) != simdjson::SUCCESS) {
      return Broken();
    }
    if (!ReadFeature(name, feature)) return false;
  }
  return true;
}

bool RowReader::ReadFeature(std::string_view name, Value value) {
  const Where where = {kNames[kFeatures], name};
  const int column = columns_.Find(name, &hint_);
  if (column == Columns::kNone) {
    return Add("extra_forbidden", where,
               "Extra inputs are not permitted; GET /model tells the names");
  }
  char& seen = seen_features_[static_cast<std::size_t>(column)];
  if (seen != 0) return Add("duplicate", where, "Field is given twice");
  seen = 1;
  double number = 0;
  if (value.get_double().get(number) == simdjson::SUCCESS) {
    if (std::isinf(static_cast<float>(number))) {
      return Add("finite_number", where, "Input should be a finite number");
    }
    transaction_.features_given = true;
    Set(column, number);
    return true;
  }
  bool missing = false;
  if (value.is_null().get(missing) != simdjson::SUCCESS) return Broken();
  return missing || AddWrongNumber(where, value);
}

// What get_double did not take.
bool RowReader::AddWrongNumber(Where where, Value value) {
  json_type type;
  if (value.type().get(type) != simdjson::SUCCESS) return Broken();
  if (type != json_type::number) return Add("float_type", where, "Input should be a valid number");
  if (!IsHuge(value.raw_json_token())) return Broken();
  return Add("finite_number", where, "Input should be a finite number");
}

bool RowReader::AddMissing() {
  for (std::size_t i = 0; i < kRequired; ++i) {
    if ((seen_ & 1u << i) == 0 && !Add("missing", {kNames[i]}, "Field required")) return false;
  }
  return true;
}

void RowReader::Set(int column, double number) {
  if (column != Columns::kNone) cells_[column] = static_cast<float>(number);
}

}  // namespace model::predict
