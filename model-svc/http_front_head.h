#pragma once

#include <microhttpd.h>

#include <cstddef>
#include <cstdint>

// Private to http_front: what the head of a request says about its body, and whether it has room.
namespace model::http_front {

// Each connection has so much from its first byte on, for the head, libmicrohttpd's notes on it,
// and the head of the answer.
std::size_t ConnectionMemory(int max_header_bytes);

struct Head {
  // Every reader of the head sees the same request: one length, one host, plain lines.
  // libmicrohttpd reads more than RFC 9112 allows, and a proxy before us may read the same bytes
  // otherwise (request smuggling). Not sound: 400 and close. (Chunk lines are libmicrohttpd's:
  // docs/adr/0011.)
  bool sound = true;
  std::uint64_t length = 0;
  bool chunked = false;
  bool encoded = false;    // Content-Encoding other than identity
  std::size_t bytes = 0;   // of request line and headers
  std::size_t memory = 0;  // of the connection, for all of these and an answer; if sound

  [[nodiscard]] bool announces_body() const { return chunked || length > 0; }
};

// In the first call of the access handler; `method` and `version` are its arguments, `target_end`
// is where the request line callback saw the target end.
Head ReadHead(MHD_Connection* connection, const char* method, const char* target_end,
              const char* version);

}  // namespace model::http_front
