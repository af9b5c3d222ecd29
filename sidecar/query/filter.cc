#include "sidecar/query/filter.h"

#include <charconv>

namespace sidecar::query {
namespace {

using base::Error;
using base::ErrorCode;
using base::Status;

constexpr std::string_view kLabel = "label.";

Error Wrong(const std::string& parameter, const std::string& problem) {
  return {.code = ErrorCode::kInvalid, .message = parameter + ": " + problem};
}

std::optional<std::int64_t> WholeNumber(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// The + of "10:00:00+01:00" that nobody wrote as %2B arrives as a space.
std::string WithItsPlus(std::string text) {
  constexpr std::size_t kOffset = 6;  // " 01:00"
  if (text.size() > kOffset && text[text.size() - kOffset] == ' ') {
    text[text.size() - kOffset] = '+';
  }
  return text;
}

Status SetTime(const std::string& name, const std::string& text,
               std::optional<base::WallMs>* target) {
  if (const auto number = WholeNumber(text)) {
    *target = *number;
    return {};
  }
  base::WallMs at = 0;
  if (!base::ParseUtc(WithItsPlus(text), &at)) {
    return Wrong(name, "neither RFC 3339 nor milliseconds");
  }
  *target = at;
  return {};
}

Status SetState(const std::string& text, store::Filter* filter) {
  if (text != "open" && text != "ended") return Wrong("state", "neither open nor ended");
  filter->open = text == "open";
  return {};
}

Status SetLimit(const std::string& text, store::Filter* filter) {
  const auto limit = WholeNumber(text);
  if (!limit || *limit < 1 || *limit > kMaxLimit) {
    return Wrong("limit", "not a number from 1 to " + std::to_string(kMaxLimit));
  }
  filter->limit = static_cast<int>(*limit);
  return {};
}

Status SetCursor(const std::string& text, store::Filter* filter) {
  filter->before_id = WholeNumber(text);
  return filter->before_id ? Status() : Wrong("cursor", "not one that next_cursor gave");
}

Status SetText(const std::string& name, const std::string& text, std::string* target) {
  if (text.empty()) return Wrong(name, "empty");
  *target = text;
  return {};
}

Status SetLabel(const std::string& name, const std::string& text, store::Filter* filter) {
  if (name.size() == kLabel.size()) return Wrong(name, "names no label");
  filter->labels[name.substr(kLabel.size())] = text;
  return {};
}

Status Set(const std::string& name, const std::string& text, store::Filter* filter) {
  if (name == "state") return SetState(text, filter);
  if (name == "severity") return SetText(name, text, &filter->severity);
  if (name == "name") return SetText(name, text, &filter->name);
  if (name == "source") return SetText(name, text, &filter->source);
  if (name == "from") return SetTime(name, text, &filter->from_ms);
  if (name == "to") return SetTime(name, text, &filter->to_ms);
  if (name == "limit") return SetLimit(text, filter);
  if (name == "cursor") return SetCursor(text, filter);
  if (name.starts_with(kLabel)) return SetLabel(name, text, filter);
  return Wrong(name, "unknown parameter");
}

}  // namespace

base::Result<store::Filter> ParseFilter(const std::multimap<std::string, std::string>& parameters) {
  store::Filter filter;
  for (auto it = parameters.begin(); it != parameters.end(); ++it) {
    if (parameters.count(it->first) > 1) return Wrong(it->first, "given more than once");
    if (const auto set = Set(it->first, it->second, &filter); !set) return set.error();
  }
  return filter;
}

base::Result<std::int64_t> ParseId(const std::string& text) {
  const auto id = WholeNumber(text);
  if (!id || text.starts_with('-')) return Wrong("id", "not a number");
  return *id;
}

}  // namespace sidecar::query
