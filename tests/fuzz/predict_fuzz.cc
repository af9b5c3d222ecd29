#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "model-svc/predict/request.h"
#include "tests/fuzz/fuzz.h"
#include "tests/model-svc/padded.h"

using model::predict::Columns;
using model::predict::Parsed;
using nlohmann::json;

namespace {

constexpr std::size_t kMaxRows = 5;

// nlohmann-json goes deeper than simdjson, skips a byte order mark and takes NUL for the end.
bool BothReadIt(std::string_view text) {
  int open = 0;
  for (const char c : text) open += c == '[' || c == '{' ? 1 : 0;
  return open < 500 && !text.starts_with("\xef\xbb\xbf") && text.find('\0') == text.npos;
}

void CheckMistakes(std::string_view text, const Parsed& parsed) {
  PROMISE(parsed.mistakes.size() <= model::predict::kMaxMistakes);
  for (const auto& mistake : parsed.mistakes) {
    PROMISE(!mistake.type.empty() && !mistake.message.empty());
    if (mistake.type != "json_invalid") continue;
    PROMISE(parsed.mistakes.size() == 1);
    PROMISE(!BothReadIt(text) || !json::accept(text));
  }
  const auto response = Unprocessable(parsed.mistakes);
  PROMISE(response.status == 422 && response.body.size() < 10'000);
  PROMISE(json::parse(response.body)["detail"].size() == parsed.mistakes.size());
}

// What was taken says the same to another parser.
void CheckRow(const json& object, const model::predict::Transaction& transaction,
              const float* row) {
  PROMISE(object.at("transaction_id").get<std::int64_t>() == transaction.transaction_id);
  PROMISE(object.at("terminal_id").get<std::int64_t>() == transaction.terminal_id);
  PROMISE(row[0] == static_cast<float>(object.at("tx_amount").get<double>()));
  PROMISE(row[0] >= 0 && row[0] <= 1e9F);
  PROMISE((row[1] == 0 || row[1] == 1) && (row[2] == 0 || row[2] == 1));
  const json features = object.value("features", json::object());
  const json mean = features.value("a_mean", json());
  PROMISE(mean.is_null() == std::isnan(row[3]));
  PROMISE(mean.is_null() || row[3] == static_cast<float>(mean.get<double>()));
  PROMISE(!std::isinf(row[3]) && !std::isinf(row[4]));
}

void CheckRows(std::string_view text, const Columns& columns, const Parsed& parsed) {
  json document = json::parse(text);
  if (document.is_object()) document = json::array({document});
  PROMISE(document.size() == parsed.transactions.size() && document.size() <= kMaxRows);
  PROMISE(parsed.rows.size() == document.size() * columns.size());
  for (std::size_t i = 0; i < document.size(); ++i) {
    CheckRow(document[i], parsed.transactions[i], parsed.rows.data() + i * columns.size());
  }
}

void Check(std::string_view text, const Columns& columns, const Parsed& parsed) {
  if (parsed.mistakes.empty()) {
    CheckRows(text, columns, parsed);
  } else {
    CheckMistakes(text, parsed);
  }
}

}  // namespace

FUZZ_TEXT(text) {
  static const Columns kColumns(
      {"tx_amount", "tx_during_weekend", "tx_during_night", "a_mean", "b_count"});
  for (const char behind : {'\0', '}', ']', ','}) {
    Parsed parsed;
    ParseOne(support::Padded(text, behind), kColumns, &parsed);
    Check(text, kColumns, parsed);
    ParseBatch(support::Padded(text, behind), kColumns, kMaxRows, &parsed);
    Check(text, kColumns, parsed);
  }
}
