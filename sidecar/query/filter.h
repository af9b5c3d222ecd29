#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "sidecar/store/find.h"

namespace sidecar::query {

// The parameters of GET /api/v1/alerts: state=open|ended, severity=, name=, source=, label.NAME=,
// from=, to= (RFC 3339, also with a + that came as a space, or milliseconds since 1970),
// limit=1..500 (default 100), cursor= (from next_cursor). Each at most once; an unknown one is an
// error, so that a typing mistake never shows as "no such alerts". kInvalid: the message names the
// parameter first, as in "limit: not a number from 1 to 500".
base::Result<store::Filter> ParseFilter(const std::multimap<std::string, std::string>& parameters);
inline constexpr int kMaxLimit = 500;

// An id in a path: digits only. kInvalid otherwise.
base::Result<std::int64_t> ParseId(const std::string& text);

}  // namespace sidecar::query
