#include "bench/load/rows.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace load {
namespace {

using base::Error;
using base::ErrorCode;
using json = nlohmann::ordered_json;

constexpr std::size_t kBodyMax = std::size_t{1024} * 1024;
constexpr std::size_t kIdDigits = 10;
constexpr std::string_view kIdKey = "{\"transaction_id\":";

std::optional<Kind> KindOf(std::string_view name) {
  for (std::size_t i = 0; i < kKinds; ++i) {
    if (KindName(static_cast<Kind>(i)) == name) return static_cast<Kind>(i);
  }
  return std::nullopt;
}

Error Wrong(const std::string& sentence) {
  return {.code = ErrorCode::kInvalid, .message = sentence};
}

// The transaction with its id in front, where AppendRow finds it.
json Body(const json& line, Kind kind, bool with_features) {
  json body;
  body["transaction_id"] = kFirstId;
  body.update(line["transaction"]);
  if (kind != Kind::kReplay) body["transaction_id"] = kFirstId;
  if (with_features && line.contains("features")) body["features"] = line["features"];
  return body;
}

base::Result<Row> ParseRow(std::string_view text, bool with_features) {
  const json line = json::parse(text, nullptr, false);
  if (!line.is_object() || !line.contains("kind") || !line["kind"].is_string()) {
    return Wrong("is no JSON object with a kind");
  }
  const auto kind = KindOf(line["kind"].get<std::string>());
  if (!kind) return Wrong("its kind is unknown");
  Row row{.kind = *kind};
  std::string body;
  if (*kind == Kind::kMalformed) {
    if (!line.contains("body") || !line["body"].is_string()) return Wrong("has no text as body");
    body = line["body"].get<std::string>();
  } else {
    if (!line.contains("transaction") || !line["transaction"].is_object()) {
      return Wrong("has no object as transaction");
    }
    body = Body(line, *kind, with_features).dump(-1, ' ', false, json::error_handler_t::replace);
  }
  if (body.size() > kBodyMax) return Wrong("its body is over 1 MiB");
  row.tail = std::to_string(body.size()) + "\r\n\r\n";
  const bool numbered = *kind != Kind::kMalformed && *kind != Kind::kReplay;
  if (numbered) row.id_at = row.tail.size() + kIdKey.size();
  row.tail += body;
  return row;
}

}  // namespace

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kNormal:
      return "normal";
    case Kind::kAmountFlood:
      return "amount_flood";
    case Kind::kCompromisedTerminal:
      return "compromised_terminal";
    case Kind::kReplay:
      return "replay";
    case Kind::kMalformed:
      return "malformed";
  }
  return "";
}

base::Result<std::vector<Row>> ParseRows(std::string_view text, bool with_features) {
  std::vector<Row> rows;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto row = ParseRow(line, with_features);
    if (!row) return row.error().Wrap("line " + std::to_string(number));
    rows.push_back(std::move(*row));
  }
  if (rows.empty()) return Wrong("holds no row");
  return rows;
}

void AppendRow(const Row& row, std::uint64_t number, std::string* out) {
  const std::size_t begin = out->size();
  out->append(row.tail);
  if (!row.id_at) return;
  char* const digits = out->data() + begin + *row.id_at;
  std::to_chars(digits, digits + kIdDigits, kFirstId + number % kIds);
}

base::Result<Mix> ParseMix(const std::string& text) {
  Mix mix{};
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    const std::size_t sign = std::min(part.find('='), part.size());
    const auto kind = KindOf(part.substr(0, sign));
    double weight = 0;
    const char* const last = part.data() + part.size();
    const char* const first = std::min(part.data() + sign + 1, last);
    const auto [rest, problem] = std::from_chars(first, last, weight);
    const bool fits = problem == std::errc() && rest == last && weight > 0 && weight <= 1e6;
    if (!kind || !fits) return Wrong("\"" + part + "\" is not KIND=WEIGHT with a weight above 0");
    mix.at(static_cast<std::size_t>(*kind)) = weight;
    begin = end + 1;
  }
  return mix;
}

base::Result<RowPicker> RowPicker::Create(const std::vector<Row>& rows,
                                          const std::optional<Mix>& mix, Random random) {
  if (rows.empty()) return Wrong("there is no row to send");
  RowPicker picker(random);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    picker.by_kind_.at(static_cast<std::size_t>(rows[i].kind)).push_back(i);
  }
  double sum = 0;
  for (std::size_t i = 0; i < kKinds; ++i) {
    const auto count = static_cast<double>(picker.by_kind_.at(i).size());
    const double weight = mix ? mix->at(i) : count;
    if (weight > 0 && count == 0) {
      return Wrong("there is no row of kind " + std::string(KindName(static_cast<Kind>(i))));
    }
    sum += weight;
    picker.up_to_.at(i) = sum;
  }
  for (double& end : picker.up_to_) end /= sum;
  return picker;
}

std::size_t RowPicker::Pick() {
  const auto end = std::upper_bound(up_to_.begin(), up_to_.end(), random_.Unit());
  // Unit() stays below 1, the last sum is 1: there is always such a kind.
  const auto& rows = by_kind_.at(static_cast<std::size_t>(end - up_to_.begin()));
  return rows[random_.Below(rows.size())];
}

}  // namespace load
