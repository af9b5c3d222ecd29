#pragma once

#include <simdjson.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "model-svc/predict/request.h"

// Private to request: one JSON object to one row.
namespace model::predict {

// false from any function here means that the document is no JSON, or that enough mistakes were
// found; then nothing more may be read from it.
class RowReader {
 public:
  using Where = std::initializer_list<std::string_view>;

  RowReader(const Columns& columns, Parsed* parsed) : columns_(columns), parsed_(*parsed) {}

  // The place in a batch that the following mistakes name; none outside of rows.
  void SetRow(std::optional<std::size_t> row) { row_ = row; }
  // Appends a transaction and its row.
  bool Read(simdjson::ondemand::object object);
  // Notes a mistake; false when there are enough of them.
  bool Add(const char* type, Where where, const char* message);
  // Replaces all mistakes by json_invalid. Always false.
  bool Broken();

 private:
  using Value = simdjson::ondemand::value;

  void Begin();
  bool ReadField(std::string_view name, Value value);
  bool ReadKnown(std::size_t field, Value value);
  bool ReadInteger(std::string_view name, Value value, std::int64_t minimum, std::int64_t* out);
  bool ReadMoment(Value value);
  bool ReadAmount(Value value);
  bool ReadFeatures(Value value);
  bool ReadFeature(std::string_view name, Value value);
  bool AddWrongNumber(Where where, Value value);
  bool AddMissing();
  void Set(int column, double number);

  const Columns& columns_;
  Parsed& parsed_;
  std::optional<std::size_t> row_;
  Transaction transaction_;
  float* cells_ = nullptr;           // of the present row
  unsigned seen_ = 0;                // a bit for each known field
  std::vector<char> seen_features_;  // one for each column
  std::size_t hint_ = 0;
};

}  // namespace model::predict
