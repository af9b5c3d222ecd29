#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "tests/base/http_server_fixture.h"
#include "tests/support/gate.h"

namespace base {
namespace {

constexpr char kHello[] = "GET /hello HTTP/1.1\r\n\r\n";

// A server with a request that takes as long as the test wants.
class HttpServerPool : public HttpServerTest {
 protected:
  HttpServerPool() {
    routes_.push_back({.method = "GET", .path = "/slow", .handler = [this](const HttpRequest&) {
                         begun_.Pass();
                         release_.Wait();
                         return HttpResponse{.content_type = "text/plain", .body = "done\n"};
                       }});
  }

  support::Gate begun_;
  support::Gate release_;
};

TEST_F(HttpServerPool, MoreClientsThanThreadsAreAllServed) {
  options_.threads = 2;
  Serve();
  constexpr int kClients = 24;
  std::vector<std::string> answers(kClients);
  {
    std::vector<std::jthread> clients;
    clients.reserve(kClients);
    for (std::string& answer : answers) {
      clients.emplace_back([this, &answer] { answer = Ask(kHello); });
    }
  }
  for (const std::string& answer : answers) EXPECT_EQ(BodyOf(answer), "hello\n");
}

TEST_F(HttpServerPool, AnIdleConnectionGivesItsThreadToOneThatWaits) {
  options_.threads = 1;
  Serve();
  Client idle(server_->port());
  idle.Send(kHello);
  EXPECT_EQ(BodyOf(idle.ReadAnswer()), "hello\n");
  EXPECT_EQ(BodyOf(Ask(kHello)), "hello\n");
  EXPECT_EQ(idle.ReadOnce(), "");
  EXPECT_TRUE(idle.ended());
}

TEST_F(HttpServerPool, ConnectionsWaitInTheKernelUpToTheBacklog) {
  options_.threads = 1;
  options_.backlog = 64;
  auto bound = HttpServer::Bind(options_, routes_);
  ASSERT_TRUE(bound.ok());
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 40; ++i) {  // httplib's own backlog takes 6 and lets the others wait
    clients.push_back(std::make_unique<Client>((*bound)->port()));
    ASSERT_TRUE(clients.back()->connected()) << i;
    clients.back()->Send(kHello);
  }
  (*bound)->Start();
  for (const auto& client : clients) EXPECT_EQ(BodyOf(client->ReadAnswer()), "hello\n");
}

TEST_F(HttpServerPool, StopLetsARunningRequestFinish) {
  Serve();
  const int port = server_->port();
  Client client(port);
  client.Send("GET /slow HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(begun_.Wait());
  std::jthread stopping([this] { server_->Stop(); });
  while (Client(port).connected()) std::this_thread::yield();  // until it listens no more
  release_.Pass();
  EXPECT_EQ(BodyOf(client.ReadToEnd()), "done\n");
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpServerPool, StopDoesNotWaitForIdleConnections) {
  Serve();
  Client fresh(server_->port());
  Client kept(server_->port());
  kept.Send(kHello);
  EXPECT_EQ(BodyOf(kept.ReadAnswer()), "hello\n");
  server_->Stop();  // their idle timeout is a minute, this test's is 20 s
  EXPECT_EQ(kept.ReadOnce(), "");
  EXPECT_TRUE(kept.ended());
}

TEST_F(HttpServerPool, StopWithEveryThreadTakenAndOthersWaiting) {
  options_.threads = 1;
  Serve();
  Client running(server_->port());
  running.Send("GET /slow HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(begun_.Wait());
  std::vector<std::unique_ptr<Client>> waiting;  // more than the queue takes: accepting blocks
  waiting.reserve(5);
  for (int i = 0; i < 5; ++i) waiting.push_back(std::make_unique<Client>(server_->port()));
  std::jthread stopping([this] { server_->Stop(); });
  release_.Pass();
  EXPECT_EQ(BodyOf(running.ReadAnswer()), "done\n");
}

TEST_F(HttpServerPool, StopsBeforeStartAndTwice) {
  auto bound = HttpServer::Bind(options_, routes_);
  ASSERT_TRUE(bound.ok());
  (*bound)->Stop();
  (*bound)->Stop();
  (*bound)->Start();  // too late: stopped is stopped
  EXPECT_FALSE(Client((*bound)->port()).connected());
}

TEST_F(HttpServerPool, StartAndStopAtOnceDoesNotHang) {
  for (int i = 0; i < 50; ++i) {
    Serve();
    server_->Stop();
  }
}

TEST_F(HttpServerPool, ThePortIsFreeAfterStop) {
  Serve();
  options_.port = server_->port();
  EXPECT_EQ(BodyOf(Ask(kHello)), "hello\n");
  server_->Stop();
  Serve();
  EXPECT_EQ(BodyOf(Ask(kHello)), "hello\n");
}

}  // namespace
}  // namespace base
