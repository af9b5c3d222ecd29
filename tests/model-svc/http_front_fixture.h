#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "model-svc/http_front.h"
#include "tests/support/raw_client.h"

namespace model {

// A front with a few routes on a free port. A test changes options_ or routes_ before Serve().
class HttpFrontTest : public testing::Test {
 protected:
  using Client = support::RawClient;
  using Request = base::HttpRequest;
  using Response = base::HttpResponse;

  HttpFrontTest() {
    options_.idle_timeout = base::Millis{60'000};  // a test that waits for it by mistake shows
    options_.crowded_timeout = base::Millis{60'000};
    options_.message_deadline = base::Millis{60'000};
    options_.write_deadline = base::Millis{60'000};
    options_.metrics = &metrics_;
    routes_.push_back({.method = "GET", .path = "/hello", .handler = [](const Request&) {
                         return Response{.content_type = "text/plain", .body = "hello\n"};
                       }});
    routes_.push_back({.method = "POST",
                       .path = "/echo",
                       .handler = [](const Request& r) { return Response{.body = r.body}; },
                       .max_body_bytes = 1000});
    routes_.push_back(
        {.method = "POST",
         .path = "/size",
         .handler =
             [](const Request& r) { return Response{.body = std::to_string(r.body.size())}; },
         .max_body_bytes = 1 << 20});
    routes_.push_back({.method = "GET", .path = "/big", .handler = [](const Request&) {
                         return Response{.body = std::string(32 << 20, 'x')};
                       }});
    routes_.push_back({.method = "GET", .path = "/throws", .handler = [](const Request&) {
                         throw std::runtime_error("the secret reason");
                         return Response{};
                       }});
  }

  void Serve() {
    auto bound = HttpFront::Bind(options_, routes_);
    ASSERT_TRUE(bound.ok()) << bound.error().message;
    front_ = std::move(*bound);
    ASSERT_TRUE(front_->Start().ok());
  }

  // The one answer to `request`, on a connection of its own.
  std::string Ask(const std::string& request) {
    Client client(front_->port());
    client.Send(request);
    return client.ReadAnswer();
  }

  static std::string Post(const std::string& path, const std::string& body) {
    return "POST " + path +
           " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
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
  // Whether the client is still served.
  static bool IsUsable(Client* client) {
    client->Send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    return BodyOf(client->ReadAnswer()) == "hello\n";
  }
  // The value of a line of the exposition, "" when it is not there.
  std::string Metric(const std::string& name) const {
    const std::string text = "\n" + metrics_.Text();
    const std::size_t at = text.find("\n" + name + " ");
    if (at == std::string::npos) return "";
    const std::size_t from = at + name.size() + 2;
    return text.substr(from, text.find('\n', from) - from);
  }
  // Waits for it; false only when the test hangs.
  [[nodiscard]] bool Becomes(const std::string& name, const std::string& value) const {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (Metric(name) != value) {
      if (std::chrono::steady_clock::now() > limit) return false;
      std::this_thread::yield();
    }
    return true;
  }
  // All connections are closed.
  [[nodiscard]] bool AllLeave() const { return Becomes("http_connections", "0"); }

  base::Metrics metrics_;  // outlives the front
  HttpFrontOptions options_;
  std::vector<base::Route> routes_;
  std::unique_ptr<HttpFront> front_;
};

}  // namespace model
