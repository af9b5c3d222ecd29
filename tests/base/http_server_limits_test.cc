#include <gtest/gtest.h>

#include "tests/base/http_server_fixture.h"

namespace base {
namespace {

using HttpServerLimits = HttpServerTest;

// Sends `drop` again and again until an answer comes. "" when none comes for a long time: the
// deadline is then not one for the whole message.
std::string DripUntilAnswered(support::RawClient* client, const std::string& drop) {
  constexpr int kDrops = 5000;
  for (int i = 0; i < kDrops && !client->Readable(2); ++i) client->Send(drop);
  return client->Readable(0) ? client->ReadAnswer() : "";
}

TEST_F(HttpServerLimits, ASlowHeadIsCutAtTheDeadline) {
  options_.message_deadline = Millis{150};
  Serve();
  Client client(server_->port());
  client.Send("GET /hello HTTP/1.1\r\nX-Slow: ");
  const std::string answer = DripUntilAnswered(&client, "x");
  EXPECT_EQ(StatusOf(answer), "HTTP/1.1 408 Request Timeout");
  EXPECT_TRUE(Has(answer, "\r\nConnection: close\r\n")) << answer;
}

TEST_F(HttpServerLimits, ASlowBodyIsCutAtTheDeadline) {
  options_.message_deadline = Millis{150};
  Serve();
  for (const char* length : {"Content-Length: 900\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"}) {
    Client client(server_->port());
    client.Send(std::string("POST /echo HTTP/1.1\r\n") + length);
    const std::string answer = DripUntilAnswered(&client, "1\r\nx\r\n");
    EXPECT_EQ(StatusOf(answer), "HTTP/1.1 408 Request Timeout") << length;
    EXPECT_EQ(client.ReadAnswer(), "");
  }
}

TEST_F(HttpServerLimits, AnIdleConnectionEndsWithoutAWord) {
  options_.idle_timeout = Millis{50};
  Serve();
  Client fresh(server_->port());
  EXPECT_EQ(fresh.ReadToEnd(), "");
  EXPECT_TRUE(fresh.ended());
  Client kept(server_->port());
  kept.Send("GET /hello HTTP/1.1\r\n\r\n");
  EXPECT_EQ(BodyOf(kept.ReadToEnd()), "hello\n");
}

TEST_F(HttpServerLimits, AnAnswerThatIsNotTakenFreesItsThread) {
  routes_.push_back({.method = "GET", .path = "/big", .handler = [](const HttpRequest&) {
                       return HttpResponse{.body = std::string(32 << 20, 'x')};
                     }});
  options_.threads = 1;
  options_.write_deadline = Millis{100};
  Serve();
  Client greedy(server_->port());
  greedy.Send("GET /big HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(greedy.Readable(20'000));
  EXPECT_EQ(BodyOf(Ask("GET /hello HTTP/1.1\r\n\r\n")), "hello\n");
}

TEST_F(HttpServerLimits, ATooLongBodyIsRefusedByItsLengthAlone) {
  Serve();
  Client client(server_->port());
  client.Send("POST /echo HTTP/1.1\r\nContent-Length: 1001\r\n\r\n");
  const std::string answer = client.ReadAnswer();
  EXPECT_EQ(StatusOf(answer), "HTTP/1.1 413 Payload Too Large");
  EXPECT_TRUE(Has(answer, "1000 bytes")) << answer;
  EXPECT_TRUE(Has(answer, "\r\nConnection: close\r\n")) << answer;
  EXPECT_EQ(
      BodyOf(Ask("POST /echo HTTP/1.1\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'))),
      std::string(1000, 'x'));
}

TEST_F(HttpServerLimits, AChunkedBodyHasTheSameCap) {
  Serve();
  Client client(server_->port());
  client.Send("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(StatusOf(DripUntilAnswered(&client, "c8\r\n" + std::string(200, 'x') + "\r\n")),
            "HTTP/1.1 413 Payload Too Large");
  client.ReadToEnd();
  EXPECT_TRUE(client.ended());
}

// The client is still sending when the answer comes: a reset would take the answer from it.
TEST_F(HttpServerLimits, TheRefusalOfALongBodyCanBeRead) {
  Serve();
  for (int i = 0; i < 20; ++i) {
    Client client(server_->port());
    client.Send("POST /echo HTTP/1.1\r\nContent-Length: 600000\r\n\r\n" +
                std::string(600'000, 'x'));
    EXPECT_EQ(StatusOf(client.ReadToEnd()), "HTTP/1.1 413 Payload Too Large");
    EXPECT_FALSE(client.reset());
  }
}

TEST_F(HttpServerLimits, APathWithoutABodyTakesNone) {
  Serve();
  for (const char* length :
       {"Content-Length: 1\r\n\r\nx", "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"}) {
    const std::string answer = Ask(std::string("GET /hello HTTP/1.1\r\n") + length);
    EXPECT_EQ(StatusOf(answer), "HTTP/1.1 413 Payload Too Large");
    EXPECT_TRUE(Has(answer, "\r\nConnection: close\r\n")) << answer;
  }
}

TEST_F(HttpServerLimits, TheHeadHasAByteBudget) {
  options_.max_header_bytes = 500;
  Serve();
  const std::string line = "GET /hello HTTP/1.1\r\n";
  const std::string fill = "X: " + std::string(500 - line.size() - 7, 'x') + "\r\n\r\n";
  EXPECT_EQ(StatusOf(Ask(line + fill)), "HTTP/1.1 200 OK");
  EXPECT_EQ(StatusOf(Ask(line + "X: y\r\n" + fill)),
            "HTTP/1.1 431 Request Header Fields Too Large");
  EXPECT_EQ(StatusOf(Ask("GET /" + std::string(600, 'a'))),
            "HTTP/1.1 431 Request Header Fields Too Large");
  Client client(server_->port());
  client.Send(line);
  EXPECT_EQ(StatusOf(DripUntilAnswered(&client, "X: y\r\n")),
            "HTTP/1.1 431 Request Header Fields Too Large");
}

TEST_F(HttpServerLimits, WhatIsNotHttpIsRefusedAtOnce) {
  Serve();
  for (const std::string& garbage :
       {std::string("garbage\r\n"), std::string("\x16\x03\x01\x02\x00\x01", 6),
        std::string("GET /\r\n"), std::string("GET / HTTP/2.0\r\n"),
        std::string("get / HTTP/1.1\r\n"), std::string("GET / HTTP/1.1\n"),
        std::string("BREW / HTTP/1.1\r\n")}) {
    Client client(server_->port());
    client.Send(garbage);
    const std::string answer = client.ReadToEnd();
    EXPECT_EQ(StatusOf(answer), "HTTP/1.1 400 Bad Request") << garbage;
    EXPECT_TRUE(Has(answer, "\r\nConnection: close\r\n")) << answer;
  }
}

TEST_F(HttpServerLimits, ABodyWithTwoEndsIsRefused) {
  Serve();
  for (const char* lengths :
       {"Content-Length: 3\r\nTransfer-Encoding: chunked", "Content-Length: 3\r\nContent-Length: 3",
        "Transfer-Encoding: chunked\r\nContent-Length: 0", "Transfer-Encoding: gzip, chunked",
        "Content-Length: -1", "Content-Length: 3x", "Content-Length: 99999999999999999999"}) {
    const std::string answer =
        Ask(std::string("POST /echo HTTP/1.1\r\n") + lengths + "\r\n\r\nabc");
    EXPECT_EQ(StatusOf(answer), "HTTP/1.1 400 Bad Request") << lengths;
  }
}

TEST_F(HttpServerLimits, ADamagedBodyIsRefusedAndEndsTheConnection) {
  Serve();
  for (const char* body :
       {"3\r\nabcX\r\n0\r\n\r\n", "-3\r\nabc", "zz\r\n", "3 \n", "fffffffffffffffff\r\n"}) {
    Client client(server_->port());
    client.Send(std::string("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n") + body);
    const std::string answer = client.ReadToEnd();
    EXPECT_EQ(StatusOf(answer), "HTTP/1.1 400 Bad Request") << body;
    EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << answer;
  }
}

}  // namespace
}  // namespace base
