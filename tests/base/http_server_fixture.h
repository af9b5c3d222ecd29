#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/http_server.h"
#include "tests/support/raw_client.h"

namespace base {

// A server with a few routes on a free port. A test changes options_ or routes_ before Serve().
class HttpServerTest : public testing::Test {
 protected:
  using Client = support::RawClient;

  HttpServerTest() {
    options_.idle_timeout = Millis{60'000};  // a test that waits for it by mistake shows
    options_.message_deadline = Millis{60'000};
    options_.write_deadline = Millis{60'000};
    routes_.push_back({.method = "GET", .path = "/hello", .handler = [](const HttpRequest&) {
                         return HttpResponse{.content_type = "text/plain", .body = "hello\n"};
                       }});
    routes_.push_back({.method = "POST",
                       .path = "/echo",
                       .handler = [](const HttpRequest& r) { return HttpResponse{.body = r.body}; },
                       .max_body_bytes = 1000});
    routes_.push_back({.method = "POST",
                       .path = "/guarded",
                       .handler = [](const HttpRequest& r) { return HttpResponse{.body = r.body}; },
                       .guard = HasToken,
                       .max_body_bytes = 1 << 20});
    routes_.push_back({.method = "GET", .path = "/throws", .handler = [](const HttpRequest&) {
                         throw std::runtime_error("the secret reason");
                         return HttpResponse{};
                       }});
  }

  static bool HasToken(const HttpRequest& request, HttpResponse* refusal) {
    const auto header = request.headers.find("authorization");
    if (header != request.headers.end() && header->second == "Bearer 100%41") return true;
    *refusal = JsonError(401, "no token");
    return false;
  }

  void Serve() {
    auto bound = HttpServer::Bind(options_, routes_);
    ASSERT_TRUE(bound.ok()) << bound.error().message;
    server_ = std::move(*bound);
    server_->Start();
  }

  // The one answer to `request`, on a connection of its own.
  std::string Ask(const std::string& request) {
    Client client(server_->port());
    client.Send(request);
    return client.ReadAnswer();
  }

  static bool Has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  static std::string StatusOf(const std::string& answer) {
    return answer.substr(0, std::min(answer.find("\r\n"), answer.size()));
  }
  static std::string BodyOf(const std::string& answer) {
    const std::size_t end = answer.find("\r\n\r\n");
    return end == std::string::npos ? "" : answer.substr(end + 4);
  }

  HttpServerOptions options_;
  std::vector<Route> routes_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace base
