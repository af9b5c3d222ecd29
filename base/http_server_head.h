#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/http.h"
#include "base/result.h"

// Private to http_server: the head of a request, read strictly.
//
// cpp-httplib reads heads too, but too kindly for a port that others can reach: it percent-decodes
// header values (a token with a % changes), cuts a query value at its second '=', runs a recursive
// regular expression over Range, and believes two lengths of one body. It is therefore handed only
// what was read here.
namespace base::http_server {

enum class BodyKind { kNone, kLength, kChunked };

struct Head {
  HttpRequest request;  // all but body and captures
  BodyKind body = BodyKind::kNone;
  std::uint64_t body_bytes = 0;   // with kLength
  bool expects_continue = false;  // waits for "100 Continue" before it sends the body
  bool http_1_0 = false;
  bool last = false;  // the client wants, or can do, no request after this one
};

// Whether this can still become a request, to be asked before its head is complete: so that garbage
// is refused at once and not at the deadline.
bool MayBeHead(std::string_view start);

// `text` is a whole head with its empty line. kInvalid when it is not HTTP/1.0 or 1.1, or when it
// is open to two readings: that is how requests are smuggled.
Result<Head> ParseHead(std::string_view text);

}  // namespace base::http_server
