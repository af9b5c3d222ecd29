#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/http.h"

namespace model::predict {

// One thing that is wrong with a body, worded as FastAPI (pydantic 2) does. Holds nothing of the
// input but the names of fields.
struct Mistake {
  std::string type;                // "missing", "json_invalid", "extra_forbidden", "int_type", ...
  std::optional<std::size_t> row;  // in a batch
  std::vector<std::string> where;  // {"features", "x"}; empty: the whole body or row
  std::string message;             // "Field required"
};

// At most this many mistakes are told of one body.
constexpr std::size_t kMaxMistakes = 16;
// At most so much of a name that the client chose.
constexpr std::size_t kMaxNameEcho = 64;

// 422 {"detail": [{"type", "loc": ["body", row, where...], "msg"}, ...]}.
base::HttpResponse Unprocessable(const std::vector<Mistake>& mistakes);

}  // namespace model::predict
