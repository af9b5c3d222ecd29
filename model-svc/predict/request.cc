#include "model-svc/predict/request.h"

#include "model-svc/http_front.h"
#include "model-svc/predict/request_row.h"

namespace model::predict {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::size_t kKeptBodyBytes = 256 << 10;

static_assert(HttpFront::kBodyPadding >= simdjson::SIMDJSON_PADDING);

// What is read beside valid JSON is skipped without a look, so once anything was found to be wrong,
// a full parser decides whether it was JSON at all. A number that it does not take may be a
// well-formed one that is too large: what was found stays.
void TellBroken(const std::string& body, RowReader* reader) {
  simdjson::dom::parser parser;
  const auto error = parser.parse(body.data(), body.size(), false).error();
  if (error != simdjson::SUCCESS && error != simdjson::NUMBER_ERROR) reader->Broken();
}

void ReadOne(ondemand::document* document, RowReader* reader) {
  ondemand::object object;
  if (document->get_object().get(object) != simdjson::SUCCESS) {
    reader->Add("model_attributes_type", {}, "Input should be a valid object");
    return;
  }
  if (reader->Read(object) && document->current_location().error() == simdjson::SUCCESS) {
    reader->Broken();  // something follows the document
  }
}

// false: nothing more is to be read.
bool ReadRow(simdjson::simdjson_result<ondemand::value> element, RowReader* reader) {
  ondemand::value value;
  ondemand::json_type type;
  ondemand::object object;
  if (element.get(value) != simdjson::SUCCESS || value.type().get(type) != simdjson::SUCCESS) {
    return reader->Broken();
  }
  if (type != ondemand::json_type::object) {
    return reader->Add("model_attributes_type", {}, "Input should be a valid object");
  }
  if (value.get_object().get(object) != simdjson::SUCCESS) return reader->Broken();
  return reader->Read(object);
}

void ReadRows(ondemand::document* document, std::size_t max_rows, RowReader* reader) {
  ondemand::array array;
  if (document->get_array().get(array) != simdjson::SUCCESS) {
    reader->Add("list_type", {}, "Input should be a valid list");
    return;
  }
  std::size_t row = 0;
  for (auto element : array) {
    if (row == max_rows) {
      reader->SetRow(std::nullopt);
      const std::string most = std::to_string(max_rows);
      reader->Add("too_long", {}, ("List should have at most " + most + " items").c_str());
      return;
    }
    reader->SetRow(row++);
    if (!ReadRow(element, reader)) return;
  }
  reader->SetRow(std::nullopt);
  if (document->current_location().error() == simdjson::SUCCESS) {
    reader->Broken();
  } else if (row == 0) {
    reader->Add("too_short", {}, "List should have at least 1 item");
  }
}

template <typename Read>
void Parse(const std::string& body, const Columns& columns, Parsed* parsed, Read read) {
  parsed->transactions.clear();
  parsed->rows.clear();
  parsed->mistakes.clear();
  RowReader reader(columns, parsed);
  if (body.empty()) {
    reader.Add("missing", {}, "Field required");
    return;
  }
  thread_local ondemand::parser parser;
  ondemand::document document;
  const simdjson::padded_string_view padded(body.data(), body.size(),
                                            body.size() + HttpFront::kBodyPadding);
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) {
    reader.Broken();
    return;
  }
  read(&document, &reader);
  if (!parsed->mistakes.empty()) TellBroken(body, &reader);
  // It holds several times the longest body it has seen.
  if (body.size() > kKeptBodyBytes) parser = ondemand::parser();
}

}  // namespace

void ParseOne(const std::string& body, const Columns& columns, Parsed* parsed) {
  Parse(body, columns, parsed, ReadOne);
}

void ParseBatch(const std::string& body, const Columns& columns, std::size_t max_rows,
                Parsed* parsed) {
  Parse(body, columns, parsed, [max_rows](ondemand::document* document, RowReader* reader) {
    ReadRows(document, max_rows, reader);
  });
}

}  // namespace model::predict
