#include "base/json_reader.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

namespace base {
namespace {

using nlohmann::json;

const json& Json(const void* node) { return *static_cast<const json*>(node); }

// An unsigned one beyond 2^63 would read back negative.
bool FitsInt64(const json& value) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return value.is_number_integer() &&
         (!value.is_number_unsigned() || value.get<std::uint64_t>() <= kMost);
}

}  // namespace

JsonReader::JsonReader(const std::string& text)
    : JsonReader(std::make_shared<const json>(json::parse(text, nullptr, false))) {}

JsonReader::JsonReader(std::shared_ptr<const void> node) : node_(std::move(node)) {
  const json& value = Json(node_.get());
  if (!value.is_object()) Note(value.is_discarded() ? "not JSON" : "not an object");
}

const void* JsonReader::Find(const char* name) {
  if (!status_) return nullptr;
  const json& object = Json(node_.get());
  const auto found = object.find(name);
  if (found != object.end()) return &*found;
  Note(std::string(name) + ": missing");
  return nullptr;
}

void JsonReader::Note(const std::string& problem) {
  if (status_) status_ = Error{ErrorCode::kInvalid, problem};
}

bool JsonReader::Has(const char* name) const {
  const json& object = Json(node_.get());
  const auto found = object.find(name);
  return found != object.end() && !found->is_null();
}

bool JsonReader::IsNull(const char* name) const {
  const json& object = Json(node_.get());
  const auto found = object.find(name);
  return found != object.end() && found->is_null();
}

std::string JsonReader::Text(const char* name, std::size_t most) {
  const void* node = Find(name);
  if (node == nullptr) return {};
  const json& value = Json(node);
  if (value.is_string() && value.get_ref<const std::string&>().size() <= most) {
    return value.get<std::string>();
  }
  Note(std::string(name) + ": not a text" +
       (most == std::string::npos ? "" : " of at most " + std::to_string(most) + " bytes"));
  return {};
}

std::string JsonReader::Word(const char* name, std::size_t most) {
  std::string text = Text(name, most);
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!printable) Note(std::string(name) + ": not printable");
  return printable ? text : "";
}

std::int64_t JsonReader::Number(const char* name, std::int64_t least, std::int64_t most) {
  const void* node = Find(name);
  if (node == nullptr) return least;
  if (const json& value = Json(node); FitsInt64(value)) {
    const auto number = value.get<std::int64_t>();
    if (number >= least && number <= most) return number;
  }
  Note(std::string(name) + ": not a whole number from " + std::to_string(least) + " to " +
       std::to_string(most));
  return least;
}

bool JsonReader::Flag(const char* name) {
  const void* node = Find(name);
  if (node != nullptr && Json(node).is_boolean()) return Json(node).get<bool>();
  Note(std::string(name) + ": neither true nor false");
  return false;
}

WallMs JsonReader::Utc(const char* name) {
  const std::string text = Text(name);
  WallMs at = 0;
  if (status_ && !ParseUtc(text, &at)) Note(std::string(name) + ": not a time");
  return at;
}

std::string JsonReader::Object(const char* name) {
  const void* node = Find(name);
  if (node != nullptr && Json(node).is_object()) {
    return Json(node).dump(-1, ' ', false, json::error_handler_t::replace);
  }
  Note(std::string(name) + ": not an object");
  return "{}";
}

JsonReader JsonReader::Inner(const char* name) {
  const void* node = Find(name);
  if (node == nullptr) return *this;
  return JsonReader(std::shared_ptr<const void>(node_, node));
}

std::vector<JsonReader> JsonReader::Items(const char* name, std::size_t most) {
  std::vector<JsonReader> items;
  const void* node = Find(name);
  if (node == nullptr) return items;
  const json& value = Json(node);
  if (!value.is_array() || value.size() > most) {
    Note(std::string(name) + ": not an array of at most " + std::to_string(most));
    return items;
  }
  items.reserve(value.size());
  for (const json& item : value) items.push_back(JsonReader({node_, &item}));
  return items;
}

}  // namespace base
