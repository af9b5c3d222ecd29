#include "sidecar/query/filter.h"
#include "tests/fuzz/fuzz.h"

namespace query = sidecar::query;

FUZZ_TEXT(text) {
  // Lines "NAME=VALUE".
  std::multimap<std::string, std::string> parameters;
  while (!text.empty()) {
    const std::string line = fuzz::CutFirst(&text, '\n');
    std::string_view rest = line;
    const std::string name = fuzz::CutFirst(&rest, '=');
    parameters.emplace(name, rest);
  }
  const auto filter = query::ParseFilter(parameters);
  if (!filter) {
    PROMISE(filter.error().code == base::ErrorCode::kInvalid);
    // The message names a parameter that was really given.
    std::string_view rest = filter.error().message;
    bool named = false;
    for (const auto& [name, value] : parameters) named = named || rest.starts_with(name + ": ");
    PROMISE(named);
    return;
  }
  PROMISE(filter->limit >= 1 && filter->limit <= query::kMaxLimit);
  PROMISE(!filter->before_id || *filter->before_id >= 0);
  PROMISE(filter->open.has_value() == (parameters.count("state") == 1));
  PROMISE(filter->from_ms.has_value() == (parameters.count("from") == 1));
  PROMISE(filter->to_ms.has_value() == (parameters.count("to") == 1));
  // Nothing is passed over in silence: each parameter is one set field.
  const std::size_t fields = (filter->open ? 1U : 0U) + (filter->from_ms ? 1U : 0U) +
                             (filter->to_ms ? 1U : 0U) + (filter->before_id ? 1U : 0U) +
                             (filter->severity.empty() ? 0U : 1U) +
                             (filter->name.empty() ? 0U : 1U) + (filter->source.empty() ? 0U : 1U) +
                             parameters.count("limit");
  PROMISE(fields + filter->labels.size() == parameters.size());
}
