#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http.h"
#include "base/metrics.h"
#include "base/result.h"

namespace model {

// Both ports of fraud-model. The public one is attacked: everything has a bound.
struct HttpFrontOptions {
  std::string address = "127.0.0.1";
  int port = 0;  // 0: any free one, see port()
  int threads = 1;
  // contracts.md: connections + backlog <= latency target x capacity, or every answer comes too
  // late.
  int max_connections = 256;  // served at once; one counts from its first request on
  int shed_connections = 64;  // further ones that are told 503 and closed; beyond them the kernel's
  int backlog = 128;          // queue holds so many, and drops the rest
  int max_connections_per_ip = 0;         // 0: no such limit
  base::Millis message_deadline{10'000};  // from a request's first line to its last byte
  base::Millis idle_timeout{15'000};      // a kept connection without a whole request line
  // Both of these, at most, while 3/4 of max_connections are taken.
  base::Millis crowded_timeout{1'000};
  base::Millis write_deadline{10'000};      // for the whole answer
  base::Millis drain_deadline{10'000};      // Stop() waits so long for answers under way
  int max_header_bytes = 4'096;             // request line and all headers together
  std::size_t max_body_memory = 32u << 20;  // all bodies over 16 KiB together; beyond it 503
  // Counts and times requests (http_requests_total{method,path,code}, http_request_duration_seconds
  // {path}, ml_model_requests_shed_total{reason}, gauge http_connections); null: does not.
  base::Metrics* metrics = nullptr;
};

// libmicrohttpd (epoll, `threads` threads of its own) with what it lacks: an absolute deadline for
// a whole message, a budget for all bodies together, shedding that tells the client, and a drain.
//
// Routes have fixed paths (no `*`), no guard and no refused hook. A handler runs on a thread of the
// front and must not block; it sees method, path, query and body, but no headers. The body has
// kBodyPadding readable bytes behind its end. What a handler throws becomes a 500.
//
// Answers by itself, as JsonError: 404 unknown path, 405 (with Allow) known path, 413 body over the
// route's cap, 415 a Content-Encoding, 400 ambiguous framing (Content-Length with Transfer-Encoding
// or twice, no Host or two, a NUL in the target), 414 more than 16 `&` in the target, 431 a head
// over its limit or with more headers and cookies than its memory holds, 503 with Retry-After when
// shedding; 414, 431 and 400 (libmicrohttpd's own pages) for a head that is much too long or no
// HTTP. The connection is closed whenever unread bytes may be left in it, while draining, and while
// more than max_connections are open, so that each gets its turn. A deadline that passes closes it
// without an answer.
class HttpFront {
 public:
  static constexpr std::size_t kBodyPadding = 64;

  // Binds and listens; requests are answered from Start on. kBusy when the port is taken, kInvalid
  // for a bad address.
  static base::Result<std::unique_ptr<HttpFront>> Bind(const HttpFrontOptions& options,
                                                       std::vector<base::Route> routes);
  ~HttpFront();  // Stop()
  HttpFront(const HttpFront&) = delete;
  HttpFront& operator=(const HttpFront&) = delete;

  base::Status Start();
  // Drains: takes in what already connected, lets no new connection in, answers every request that
  // arrives on those that are open and closes each after its answer; after drain_deadline the rest
  // is closed. Joins all threads. Idempotent.
  void Stop();
  [[nodiscard]] int port() const;

 private:
  class Impl;
  explicit HttpFront(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace model
