#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model-svc/predict/columns.h"
#include "model-svc/predict/mistake.h"

// Bodies of /predict and /predict/batch: JSON to rows of floats. The one .cc with simdjson.
namespace model::predict {

// One transaction that was understood. Its row of floats stands in Parsed::rows.
struct Transaction {
  std::int64_t transaction_id = 0;
  std::int64_t terminal_id = 0;
  bool features_given = false;  // at least one column came from `features`, null not counted
};

// What a body says; to be reused for the next one, whose parsing clears it. With any mistake the
// rest is to be thrown away.
struct Parsed {
  std::vector<Transaction> transactions;
  std::vector<float> rows;  // Columns::size() floats per transaction; NaN: missing
  std::vector<Mistake> mistakes;
};

// Both read a body with HttpFront::kBodyPadding readable bytes behind its end and are strict: any
// field that is not known, given twice or of another type is a mistake, and all mistakes are
// collected, up to kMaxMistakes. A body that is no JSON has exactly one, json_invalid. A number is
// read as a double and cast to float, as numpy does. One parser per thread, which keeps its
// buffers.
void ParseOne(const std::string& body, const Columns& columns, Parsed* parsed);
// An array of 1 to `max_rows` transactions.
void ParseBatch(const std::string& body, const Columns& columns, std::size_t max_rows,
                Parsed* parsed);

}  // namespace model::predict
