#include "model-svc/http_front_head.h"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>

namespace model::http_front {
namespace {

constexpr std::size_t kLineEnd = 2;  // CR LF

// libmicrohttpd 0.9.75: MHD_HTTP_Header, in its pool's steps of 16 bytes; one for each header,
// cookie and argument. It copies the cookies too.
constexpr std::size_t kNoteBytes = 64;
constexpr auto kNoted =
    static_cast<MHD_ValueKind>(MHD_HEADER_KIND | MHD_COOKIE_KIND | MHD_GET_ARGUMENT_KIND);
constexpr std::size_t kAnswerBytes = 256;  // the longest head of an answer

bool Same(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && strncasecmp(text.data(), lower.data(), lower.size()) == 0;
}

// RFC 9110 5.6.2: the characters of a field name.
bool IsToken(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), allowed);
}

// No control characters but the tab (RFC 9110 5.5); a lone CR above all.
bool IsPlain(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\t';
  });
}

struct Scan {
  Head head;
  const char* next_line = nullptr;
  int lengths = 0;
  int codings = 0;
  int hosts = 0;
  std::size_t cookie_bytes = 0;
};

void ReadLength(std::string_view value, Scan* scan) {
  ++scan->lengths;
  const auto [end, error] =
      std::from_chars(value.data(), value.data() + value.size(), scan->head.length);
  if (error != std::errc() || end != value.data() + value.size()) scan->head.sound = false;
}

void ReadCoding(std::string_view value, Scan* scan) {
  ++scan->codings;
  scan->head.chunked = true;
  if (!Same(value, "chunked")) scan->head.sound = false;
}

// libmicrohttpd hands out pieces of its read buffer with NULs written over what stood between them.
// That a line starts where the one before it ended shows that nothing was hidden: no bare LF as
// line end, no continuation line, no NUL that cut a value short.
MHD_Result TakeHeader(void* closure, enum MHD_ValueKind, const char* key, std::size_t key_size,
                      const char* value, std::size_t value_size) {
  auto* const scan = static_cast<Scan*>(closure);
  const std::string_view name(key, key_size);
  const std::string_view text(value == nullptr ? "" : value, value_size);
  if (key != scan->next_line || !IsToken(name) || !IsPlain(text)) scan->head.sound = false;
  scan->next_line = text.data() + text.size() + kLineEnd;
  if (Same(name, "host")) ++scan->hosts;
  if (Same(name, "cookie")) scan->cookie_bytes += text.size() + 1;
  if (Same(name, "content-length")) ReadLength(text, scan);
  if (Same(name, "transfer-encoding")) ReadCoding(text, scan);
  if (Same(name, "content-encoding")) scan->head.encoded |= !Same(text, "identity");
  return scan->head.sound ? MHD_YES : MHD_NO;
}

}  // namespace

std::size_t ConnectionMemory(int max_header_bytes) {
  constexpr int kLeastRoom = 2'048;
  return static_cast<std::size_t>(max_header_bytes + std::max(kLeastRoom, max_header_bytes / 2));
}

Head ReadHead(MHD_Connection* connection, const char* method, const char* target_end,
              const char* version) {
  Scan scan;
  const std::string_view http(version);
  scan.next_line = http.data() + http.size() + kLineEnd;
  MHD_get_connection_values_n(connection, MHD_HEADER_KIND, TakeHeader, &scan);
  const MHD_ConnectionInfo* const info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  Head& head = scan.head;
  head.bytes = info == nullptr ? 0 : info->header_size;
  const auto notes = MHD_get_connection_values(connection, kNoted, nullptr, nullptr);
  head.memory =
      head.bytes + kNoteBytes * static_cast<std::size_t>(notes) + scan.cookie_bytes + kAnswerBytes;
  // RFC 9112 6.1 and 6.3: one of the two, once; no chunks before HTTP/1.1.
  const bool one_end = scan.lengths + scan.codings <= 1 && !(head.chunked && http == "HTTP/1.0");
  const bool whole = scan.next_line + kLineEnd == method + head.bytes;
  const bool plain_target = target_end + 1 == version;  // else a NUL cut it short
  // RFC 9112 3.2: exactly one Host, which HTTP/1.0 need not have.
  const bool one_host = scan.hosts == 1 || (scan.hosts == 0 && http == "HTTP/1.0");
  head.sound = head.sound && one_end && whole && plain_target && one_host;
  return head;
}

}  // namespace model::http_front
