#include <gtest/gtest.h>

#include "tests/model-svc/http_front_fixture.h"

namespace model {
namespace {

using HttpFrontBody = HttpFrontTest;

constexpr std::size_t kMebi = 1 << 20;

TEST_F(HttpFrontBody, ATooLongBodyIsRefusedByItsLengthAlone) {
  Serve();
  Client client(front_->port());
  client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
  const std::string answer = client.ReadToEnd();
  EXPECT_EQ(StatusOf(answer), "HTTP/1.1 413 Content Too Large");
  EXPECT_TRUE(Has(answer, "1000 bytes")) << answer;
  EXPECT_TRUE(Has(answer, "\r\nConnection: close\r\n")) << answer;
  EXPECT_EQ(BodyOf(Ask(Post("/echo", std::string(1000, 'x')))), std::string(1000, 'x'));
}

TEST_F(HttpFrontBody, AChunkedBodyHasTheSameCap) {
  Serve();
  const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string chunk = "1f4\r\n" + std::string(500, 'x') + "\r\n";
  EXPECT_EQ(BodyOf(Ask(head + chunk + chunk + "0\r\n\r\n")), std::string(1000, 'x'));
  Client client(front_->port());
  client.Send(head + chunk + chunk + "1\r\nx\r\n");
  const std::string answer = client.ReadToEnd();
  EXPECT_EQ(StatusOf(answer), "HTTP/1.1 413 Content Too Large");
  EXPECT_TRUE(Has(answer, "\r\nConnection: close\r\n")) << answer;
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(Metric("http_requests_total{code=\"413\",method=\"POST\",path=\"/echo\"}"), "1");
}

// The client is still sending when the answer comes: a reset would take the answer from it.
TEST_F(HttpFrontBody, TheRefusalOfALongBodyCanBeRead) {
  Serve();
  const std::string body(6'000'000, 'x');  // more than the kernel's buffers hold
  for (int i = 0; i < 3; ++i) {
    for (const std::string& request :
         {Post("/echo", body), Post("/nothing", body),
          "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5b8d80\r\n" +
              body}) {
      Client client(front_->port());
      EXPECT_TRUE(client.Send(request)) << "the rest is taken, too";
      EXPECT_TRUE(Has(client.ReadToEnd(), "HTTP/1.1 4"));
      EXPECT_FALSE(client.reset());
    }
  }
}

TEST_F(HttpFrontBody, APathWithoutABodyTakesNone) {
  Serve();
  for (const char* length :
       {"Content-Length: 1\r\n\r\nx", "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"}) {
    Client client(front_->port());
    client.Send(std::string("GET /hello HTTP/1.1\r\nHost: a\r\n") + length);
    EXPECT_EQ(StatusOf(client.ReadToEnd()), "HTTP/1.1 413 Content Too Large");
    EXPECT_TRUE(client.ended());
  }
  Client client(front_->port());
  client.Send("GET /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "hello\n");
  EXPECT_TRUE(IsUsable(&client));
}

// All bodies that have come and are longer than a connection may keep share one budget.
TEST_F(HttpFrontBody, AllBodiesTogetherAreBounded) {
  constexpr std::size_t kBudget = 65'536;
  options_.max_body_memory = kBudget;
  Serve();
  Client first(front_->port());
  first.Send("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n" +
             std::string(kBudget - 1, 'x'));
  // One thread serves all in turn: by then it has read what was sent before.
  for (int i = 0; i < 50; ++i) EXPECT_EQ(BodyOf(Ask(Post("/echo", "small"))), "small");
  Client second(front_->port());
  second.Send(Post("/size", std::string(20'000, 'x')));
  const std::string answer = second.ReadToEnd();
  EXPECT_EQ(StatusOf(answer), "HTTP/1.1 503 Service Unavailable");
  EXPECT_TRUE(Has(answer, "\r\nRetry-After: 1\r\n")) << answer;
  Client chunked(front_->port());
  chunked.Send("POST /size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n8000\r\n" +
               std::string(0x8000, 'x'));
  EXPECT_EQ(StatusOf(chunked.ReadToEnd()), "HTTP/1.1 503 Service Unavailable");
  EXPECT_EQ(Metric("ml_model_requests_shed_total{reason=\"memory\"}"), "2");
  EXPECT_EQ(BodyOf(Ask(Post("/size", std::string(16'000, 'x')))), "16000") << "a small one fits";
  first.Send("x");
  EXPECT_EQ(BodyOf(first.ReadAnswer()), "65536");
  EXPECT_EQ(BodyOf(Ask(Post("/size", std::string(kBudget, 'x')))), "65536") << "it was given back";
}

TEST_F(HttpFrontBody, WhatIsOnlyAnnouncedTakesNothingFromOthers) {
  options_.max_body_memory = kMebi;
  Serve();
  std::vector<std::unique_ptr<Client>> announcing;
  announcing.reserve(8);
  for (int i = 0; i < 8; ++i) {
    announcing.push_back(std::make_unique<Client>(front_->port()));
    announcing.back()->Send(
        "POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n"
        "Expect: 100-continue\r\n\r\n");
    EXPECT_EQ(announcing.back()->ReadAnswer(false), "HTTP/1.1 100 Continue\r\n\r\n");
  }
  EXPECT_EQ(BodyOf(Ask(Post("/size", std::string(kMebi, 'x')))), "1048576");
}

TEST_F(HttpFrontBody, ABodyThatBreaksOffGivesItsMemoryBack) {
  options_.max_body_memory = kMebi;
  Serve();
  for (int i = 0; i < 3; ++i) {
    {
      Client client(front_->port());
      client.Send("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" +
                  std::string(50, 'x'));
      ASSERT_TRUE(Becomes("http_connections", "1"));
    }
    ASSERT_TRUE(AllLeave());
    EXPECT_EQ(BodyOf(Ask(Post("/size", std::string(kMebi, 'x')))), "1048576");
  }
}

// A head of `most` bytes: `count` headers behind the start.
std::string FullHead(const std::string& start, int count, std::size_t most) {
  std::string head = start;
  for (int i = 0; i < count - 1; ++i) head += "X" + std::to_string(i) + ": y\r\n";
  return head + "X: " + std::string(most - head.size() - 7, 'x') + "\r\n\r\n";
}

TEST_F(HttpFrontBody, AHeadOfTheFullLengthLeavesRoomForTheRest) {
  for (const int most : {1'024, 4'096, 16'384}) {
    options_.max_header_bytes = most;
    Serve();
    const std::string head =
        FullHead("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n", 20,
                 static_cast<std::size_t>(most));
    Client client(front_->port());
    for (int again = 0; again < 2; ++again) {
      client.Send(head + std::string(100'000, 'x'));
      EXPECT_EQ(BodyOf(client.ReadAnswer()), "100000") << most;
    }
  }
}

// Where a head is too long for the memory, or nearly so.
std::vector<std::string> HeadsAtTheEdge(const std::string& start) {
  std::vector<std::string> heads;
  for (int count = 15; count < 70; ++count) {
    for (const std::size_t most : {2'500U, 3'500U, 4'096U}) {
      heads.push_back(FullHead(start, count, most));
    }
  }
  for (std::size_t most = 3'900; most < 7'000; most += 32) {
    heads.push_back(FullHead(start, 8, most));
  }
  for (std::size_t size = 1'000; size < 3'300; size += 32) {
    const std::string cookie = start + "Cookie: s=" + std::string(size, 'c');
    heads.push_back(FullHead(cookie + "\r\n", 8, 3'500));
    heads.push_back(FullHead(cookie + "; b=2; d=3; e=4\r\n", 16, 3'500));
  }
  return heads;
}

// libmicrohttpd notes each header, argument and cookie in the same memory, copies the cookies, and
// closes without a word where the head of the answer finds no room. That of a 405 is long.
TEST_F(HttpFrontBody, WhateverTheHeadThereIsAnAnswer) {
  Serve();
  int fit = 0;
  int refused = 0;
  for (const std::string& head : HeadsAtTheEdge("PUT /hello HTTP/1.1\r\nHost: a\r\n")) {
    Client client(front_->port());
    client.Send(head);
    const std::string status = StatusOf(client.ReadAnswer());
    ASSERT_TRUE(Has(status, " 405 ") || Has(status, " 431 ")) << status << " for\n" << head;
    ++(Has(status, " 405 ") ? fit : refused);
  }
  EXPECT_GT(fit, 100);
  EXPECT_GT(refused, 100);
}

TEST_F(HttpFrontBody, TheHeadHasAByteBudget) {
  options_.max_header_bytes = 1'000;
  Serve();
  const std::string line = "GET /hello HTTP/1.1\r\nHost: a\r\n";
  const std::string fill = "X: " + std::string(1'000 - line.size() - 7, 'x') + "\r\n\r\n";
  EXPECT_EQ(StatusOf(Ask(line + fill)), "HTTP/1.1 200 OK");
  for (const std::string& head :
       {line + "X:y\r\n" + fill, line + "X: " + std::string(100'000, 'x') + "\r\n\r\n"}) {
    Client client(front_->port());
    client.Send(head);
    EXPECT_EQ(StatusOf(client.ReadToEnd()), "HTTP/1.1 431 Request Header Fields Too Large");
    EXPECT_FALSE(client.reset());
  }
  Client client(front_->port());
  client.Send("GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(StatusOf(client.ReadToEnd()), "HTTP/1.1 414 URI Too Long");
  Client endless(front_->port());
  endless.Send(line);
  while (!endless.Readable(0) && endless.Send("X: y\r\n")) {
  }
  EXPECT_EQ(StatusOf(endless.ReadToEnd()), "HTTP/1.1 431 Request Header Fields Too Large");
}

}  // namespace
}  // namespace model
