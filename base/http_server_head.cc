#include "base/http_server_head.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

namespace base::http_server {
namespace {

constexpr std::string_view kMethods[] = {"GET",   "HEAD",   "POST",   "PUT",
                                         "PATCH", "DELETE", "OPTIONS"};
constexpr std::string_view kOldVersion = "HTTP/1.0";
constexpr std::string_view kVersion = "HTTP/1.1";

Error Invalid(const char* what) { return {.code = ErrorCode::kInvalid, .message = what}; }

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
char Lower(char c) { return IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

// A character of a header's name.
bool IsToken(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return IsDigit(c) || (Lower(c) >= 'a' && Lower(c) <= 'z') ||
         kMarks.find(c) != std::string_view::npos;
}

// Neither a control character nor, in a line, a stray CR or LF.
bool IsText(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != 0x7F); }

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
  return lower;
}

std::string_view Trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The text before the first `mark`, which *rest then no longer holds; all of it without one.
std::string_view CutAt(char mark, std::string_view* rest) {
  const std::size_t end = std::min(rest->find(mark), rest->size());
  const std::string_view before = rest->substr(0, end);
  rest->remove_prefix(std::min(end + 1, rest->size()));
  return before;
}

// nullopt for a % without two hexadecimal digits, and for an encoded NUL.
std::optional<std::string> Decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus_is_space) c = ' ';
    if (c == '%') {
      unsigned value = 0;
      const std::string_view digits = text.substr(i + 1, 2);
      const char* const end = digits.data() + digits.size();
      const bool whole = std::from_chars(digits.data(), end, value, 16).ptr == end;
      if (digits.size() != 2 || !whole || value == 0) return std::nullopt;
      c = static_cast<char>(value);
      i += 2;
    }
    decoded += c;
  }
  return decoded;
}

bool ParseQuery(std::string_view text, HttpRequest* request) {
  while (!text.empty()) {
    std::string_view value = CutAt('&', &text);
    if (value.empty()) continue;
    const auto key = Decode(CutAt('=', &value), true);
    const auto decoded = Decode(value, true);
    if (!key || !decoded) return false;
    request->query.emplace(*key, *decoded);
  }
  return true;
}

// "/path?query", or the absolute form that a proxy sends.
bool ParseTarget(std::string_view target, HttpRequest* request) {
  constexpr std::string_view kScheme = "http://";
  if (target.starts_with(kScheme)) {
    target.remove_prefix(std::min(target.find('/', kScheme.size()), target.size()));
  }
  const auto path = Decode(CutAt('?', &target), false);
  const auto is_control = [](char c) { return !IsText(c) || c == '\t'; };
  if (!path || !path->starts_with('/')) return false;
  if (std::any_of(path->begin(), path->end(), is_control)) return false;
  request->path = *path;
  return ParseQuery(target, request);
}

Status ParseRequestLine(std::string_view line, Head* head) {
  const std::string_view method = CutAt(' ', &line);
  const std::string_view target = CutAt(' ', &line);
  if (std::find(std::begin(kMethods), std::end(kMethods), method) == std::end(kMethods)) {
    return Invalid("the method is not known");
  }
  if (line != kVersion && line != kOldVersion) return Invalid("this is not HTTP/1.1");
  head->http_1_0 = head->last = line == kOldVersion;
  head->request.method = std::string(method);
  const bool clean = std::all_of(target.begin(), target.end(),
                                 [](char c) { return IsText(c) && c != '\t' && c != '#'; });
  if (target.empty() || !clean || !ParseTarget(target, &head->request)) {
    return Invalid("the request target is not valid");
  }
  return {};
}

// The headers that say where the body ends: there must be one answer.
Status ReadFraming(const std::string& name, std::string_view value, Head* head) {
  const auto& headers = head->request.headers;
  if (headers.count("content-length") + headers.count("transfer-encoding") > 0) {
    return Invalid("the length of the body is given twice");
  }
  if (name == "transfer-encoding") {
    if (head->http_1_0 || LowerCase(value) != "chunked") return Invalid("this coding is not known");
    head->body = BodyKind::kChunked;
    return {};
  }
  constexpr std::size_t kMaxDigits = 18;
  if (value.empty() || value.size() > kMaxDigits ||
      !std::all_of(value.begin(), value.end(), IsDigit)) {
    return Invalid("Content-Length is not a number");
  }
  std::from_chars(value.data(), value.data() + value.size(), head->body_bytes);
  if (head->body_bytes > 0) head->body = BodyKind::kLength;
  return {};
}

bool Lists(std::string_view value, std::string_view wanted) {
  while (!value.empty()) {
    if (LowerCase(Trim(CutAt(',', &value))) == wanted) return true;
  }
  return false;
}

Status ParseHeader(std::string_view line, Head* head) {
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string name = LowerCase(line.substr(0, colon));
  if (name.empty() || colon == line.size() || !std::all_of(name.begin(), name.end(), IsToken) ||
      !std::all_of(line.begin(), line.end(), IsText)) {
    return Invalid("a header is not valid");
  }
  const std::string_view value = Trim(line.substr(colon + 1));
  if (name == "content-length" || name == "transfer-encoding") {
    Status framed = ReadFraming(name, value, head);
    if (!framed) return framed;
  }
  if (name == "connection" && Lists(value, "close")) head->last = true;
  if (name == "expect" && Lists(value, "100-continue")) head->expects_continue = true;
  head->request.headers.emplace(name, value);  // of repeated ones the first stays
  return {};
}

}  // namespace

bool MayBeHead(std::string_view start) {
  if (start.empty()) return true;
  const std::size_t end = start.find('\n');
  if (end == std::string_view::npos) return IsUpper(start.front());
  if (end == 0 || start[end - 1] != '\r') return false;
  Head head;
  return ParseRequestLine(start.substr(0, end - 1), &head).ok();
}

Result<Head> ParseHead(std::string_view text) {
  Head head;
  for (bool first = true; !text.empty(); first = false) {
    std::string_view line = CutAt('\n', &text);
    if (line.empty() || line.back() != '\r') return Invalid("a line does not end in CR LF");
    line.remove_suffix(1);
    if (line.empty()) break;
    const Status read = first ? ParseRequestLine(line, &head) : ParseHeader(line, &head);
    if (!read) return read.error();
  }
  if (head.request.method.empty() || !text.empty()) return Invalid("this is not HTTP/1.1");
  return head;
}

}  // namespace base::http_server
