#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http.h"
#include "base/result.h"

namespace base {

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  int port = 0;  // 0: any free one, see port()
  // Connections served at once, a kept one included while it is idle. Their threads begin when
  // there is need and end after `spare_thread` without work: one is there while nobody asks.
  int threads = 64;
  Millis spare_thread{30'000};
  int backlog = 128;  // connections the kernel queues while all threads are taken
  Millis message_deadline{
      10'000};                 // from the first byte of a request to its last, whatever dribbles in
  Millis idle_timeout{5'000};  // a kept connection without a request
  Millis write_deadline{10'000};          // for the whole answer
  std::size_t max_header_bytes = 16'384;  // request line and all headers together
};

// cpp-httplib with what it lacks: TCP_NODELAY, an own listen backlog, a byte budget for the head, a
// cap that holds for chunked bodies too, an absolute deadline for a whole message, one send per
// answer, a bounded pool (contracts.md).
//
// Answers by itself: 404 unknown path, 405 (with Allow) known path, 408 deadline passed, 413 body
// over the route's cap, 431 head over its budget, 400 anything that is not HTTP/1.x, 500 a handler
// that threw (logged). All as JsonError, and the connection is closed whenever unread bytes may be
// left in it. While connections wait for a thread, kept ones that are idle are closed and none is
// kept further.
class HttpServer {
 public:
  // Binds and listens; requests are accepted from Start on. kBusy when the port is taken, kInvalid
  // for a bad address.
  static Result<std::unique_ptr<HttpServer>> Bind(const HttpServerOptions& options,
                                                  std::vector<Route> routes);

  ~HttpServer();  // Stop()
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void Start();
  // Stops accepting, lets requests that are being served finish (each is bounded by its deadlines),
  // joins all threads. Idempotent.
  void Stop();
  [[nodiscard]] int port() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace base
