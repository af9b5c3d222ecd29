#include <gtest/gtest.h>

#include "tests/model-svc/http_front_fixture.h"

namespace model {
namespace {

using HttpFrontLimits = HttpFrontTest;
using base::Millis;
using support::RawClient;

// Sends `drop` again and again until an answer or an end comes. false: neither came for a long
// time.
bool DripUntilOver(RawClient* client, const std::string& drop) {
  constexpr int kDrops = 5000;
  for (int i = 0; i < kDrops && !client->Readable(2); ++i) client->Send(drop);
  return client->Readable(0);
}

std::vector<std::unique_ptr<RawClient>> Connect(int port, int count) {
  std::vector<std::unique_ptr<RawClient>> clients;
  clients.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) clients.push_back(std::make_unique<RawClient>(port));
  return clients;
}

TEST_F(HttpFrontLimits, AMessageHasADeadlineHoweverItDribbles) {
  options_.message_deadline = base::Millis{150};
  Serve();
  for (const char* start : {"GET /hello HTTP/1.1\r\nHost: a\r\nX-Slow: ",
                            "POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n"}) {
    Client client(front_->port());
    client.Send(start);
    EXPECT_TRUE(DripUntilOver(&client, "x")) << start;
    EXPECT_EQ(client.ReadToEnd(), "") << start;
  }
  Client client(front_->port());
  client.Send("POST /size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_TRUE(DripUntilOver(&client, "1\r\nx\r\n"));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpFrontLimits, ARequestLineThatDribblesIsIdle) {
  options_.idle_timeout = base::Millis{150};
  Serve();
  Client client(front_->port());
  EXPECT_TRUE(DripUntilOver(&client, "G"));
}

TEST_F(HttpFrontLimits, AnIdleConnectionEndsWithoutAWord) {
  options_.idle_timeout = base::Millis{150};
  Serve();
  Client fresh(front_->port());
  EXPECT_EQ(fresh.ReadToEnd(), "");
  EXPECT_TRUE(fresh.ended());
  Client kept(front_->port());
  EXPECT_TRUE(IsUsable(&kept));
  EXPECT_EQ(kept.ReadToEnd(), "");
  EXPECT_TRUE(kept.ended());
}

TEST_F(HttpFrontLimits, InACrowdIdleConnectionsEndEarlier) {
  options_.max_connections = 4;
  options_.crowded_timeout = base::Millis{150};
  Serve();
  auto clients = Connect(front_->port(), 2);
  EXPECT_TRUE(IsUsable(clients[0].get()));
  EXPECT_FALSE(clients[1]->Readable(400)) << "two of four are no crowd";
  auto more = Connect(front_->port(), 1);
  for (auto& client : clients) {
    EXPECT_EQ(client->ReadToEnd(), "");
    EXPECT_TRUE(client->ended());
  }
}

TEST_F(HttpFrontLimits, AnAnswerThatIsNotTakenEndsTheConnection) {
  options_.write_deadline = base::Millis{100};
  Serve();
  Client greedy(front_->port());
  greedy.Send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(greedy.Readable(20'000));
  EXPECT_TRUE(AllLeave()) << "the connection is still held";
  EXPECT_LT(greedy.ReadToEnd().size(), 32U << 20);
}

TEST_F(HttpFrontLimits, AClientThatSentItsEndWithTheRequestFreesItsPlace) {
  Serve();
  Client client(front_->port());
  client.Send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  client.EndSending();
  EXPECT_TRUE(AllLeave());
}

TEST_F(HttpFrontLimits, MoreThanTheCapAreToldToComeBack) {
  options_.max_connections = 3;
  options_.shed_connections = 2;
  Serve();
  auto clients = Connect(front_->port(), 3);
  for (auto& client : clients) EXPECT_TRUE(IsUsable(client.get()));
  for (const std::string& request : {std::string("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
                                     Post("/echo", "abc"), Post("/nothing", "")}) {
    Client extra(front_->port());
    extra.Send(request);
    const std::string answer = extra.ReadToEnd();
    EXPECT_EQ(StatusOf(answer), "HTTP/1.1 503 Service Unavailable");
    EXPECT_TRUE(Has(answer, "\r\nRetry-After: 1\r\n")) << answer;
    EXPECT_TRUE(Has(answer, "\r\nConnection: close\r\n")) << answer;
    EXPECT_TRUE(extra.ended());
  }
  EXPECT_EQ(Metric("ml_model_requests_shed_total{reason=\"connections\"}"), "3");
  EXPECT_TRUE(IsUsable(clients[0].get()));
  EXPECT_TRUE(IsUsable(clients[0].get())) << "nobody waits any more";
}

TEST_F(HttpFrontLimits, WithMoreThanTheCapEachAnswerIsTheLastOfItsConnection) {
  options_.max_connections = 2;
  options_.shed_connections = 2;
  Serve();
  auto clients = Connect(front_->port(), 2);
  EXPECT_TRUE(IsUsable(clients[0].get()));
  auto waiting = Connect(front_->port(), 1);
  ASSERT_TRUE(Becomes("http_connections", "3"));
  clients[0]->Send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(Has(clients[0]->ReadToEnd(), "\r\nConnection: close\r\n"));
  EXPECT_TRUE(IsUsable(waiting[0].get())) << "there is room now";
}

TEST_F(HttpFrontLimits, BeyondTheShedTheQueueWaitsForRoom) {
  options_.max_connections = 1;
  options_.shed_connections = 1;
  Serve();
  auto clients = Connect(front_->port(), 4);  // the kernel completes their handshakes
  ASSERT_TRUE(Becomes("http_connections", "2"));
  for (auto& client : clients)
    client->Send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  for (auto& client : clients) {
    EXPECT_TRUE(Has(client->ReadToEnd(), "HTTP/1.1 ")) << "each is answered in the end";
  }
}

TEST_F(HttpFrontLimits, ACrowdComesInAFewAtOnceAndTheRoomOfOneIsNotForgotten) {
  options_.max_connections = 20;
  options_.shed_connections = 20;
  Serve();
  auto clients = Connect(front_->port(), 70);
  ASSERT_TRUE(Becomes("http_connections", "40"));
  clients.erase(clients.begin());
  const auto waited_longest = clients.begin() + 39;
  (*waited_longest)->Send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(Has((*waited_longest)->ReadToEnd(), "HTTP/1.1 "));
  clients.erase(waited_longest);
  for (auto& client : clients) client->Send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  for (auto& client : clients) {
    EXPECT_TRUE(client->Readable(10'000));
    client.reset();  // whoever still waits gets this one's room
  }
  EXPECT_TRUE(Becomes("http_connections", "0"));
}

// Neither the message's deadline nor a client that has finished sending ends what is being worked
// on.
TEST_F(HttpFrontLimits, AHandlerMayTakeLongerThanTheMessage) {
  options_.message_deadline = Millis{100};
  routes_.push_back({.method = "GET", .path = "/slow", .handler = [](const Request&) {
                       const auto end = std::chrono::steady_clock::now() + Millis{500};
                       while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
                       return Response{.body = "done"};
                     }});
  Serve();
  Client patient(front_->port());
  patient.Send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(BodyOf(patient.ReadAnswer()), "done");
  Client finished(front_->port());
  finished.Send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  finished.EndSending();
  EXPECT_EQ(BodyOf(finished.ReadAnswer()), "done");
}

TEST_F(HttpFrontLimits, ACrowdOfUnfinishedHeadsIsCutSoon) {
  options_.max_connections = 4;
  options_.shed_connections = 2;
  options_.crowded_timeout = Millis{200};
  Serve();
  const auto crowd = Connect(front_->port(), 6);
  for (const auto& client : crowd) client->Send("GET /hello HTTP/1.1\r\nX:");
  EXPECT_EQ(BodyOf(Ask("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")), "hello\n");
  for (const auto& client : crowd) EXPECT_EQ(client->ReadToEnd(), "");
}

TEST_F(HttpFrontLimits, OneAddressMayHaveALimit) {
  options_.max_connections_per_ip = 2;
  Serve();
  auto clients = Connect(front_->port(), 2);
  for (auto& client : clients) EXPECT_TRUE(IsUsable(client.get()));
  Client third(front_->port());
  EXPECT_EQ(third.ReadToEnd(), "");
  EXPECT_TRUE(Becomes("ml_model_requests_shed_total{reason=\"per_ip\"}", "1"));
  clients.pop_back();
  EXPECT_TRUE(Becomes("http_connections", "1"));
  Client next(front_->port());
  EXPECT_TRUE(IsUsable(&next));
}

}  // namespace
}  // namespace model
