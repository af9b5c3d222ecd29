#include "base/http_server.h"

#include <gtest/gtest.h>

#include <csignal>

#include "tests/base/http_server_fixture.h"
#include "tests/support/gate.h"

namespace base {
namespace {

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
  Serve();
  Client client(server_->port());
  for (int i = 0; i < 3; ++i) {
    client.Send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.ReadAnswer(),
              "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Type: text/plain\r\n\r\nhello\n");
  }
}

// Head and body in one packet: two would cost a delayed acknowledgement on each kept connection.
TEST_F(HttpServerTest, AnAnswerIsSentAtOnce) {
  routes_.push_back({.method = "GET", .path = "/page", .handler = [](const HttpRequest&) {
                       return HttpResponse{.body = std::string(20'000, 'x')};
                     }});
  Serve();
  for (int i = 0; i < 20; ++i) {
    Client client(server_->port());
    client.Send("GET /page HTTP/1.1\r\n\r\n");
    EXPECT_EQ(BodyOf(client.ReadOnce()).size(), 20'000U);
  }
}

TEST_F(HttpServerTest, PassesTheRequestAsItIs) {
  HttpRequest seen;
  routes_.push_back({.method = "PUT",
                     .path = "/a/*/b/*",
                     .handler =
                         [&](const HttpRequest& request) {
                           seen = request;
                           return HttpResponse{.status = 201, .headers = {{"Retry-After", "3"}}};
                         },
                     .max_body_bytes = 10});
  Serve();
  const std::string answer =
      Ask("PUT /a/x%20y/b/2?label=a=b&n=1&n=2&text=%C3%A4+%26&empty HTTP/1.1\r\n"
          "X-Percent: 100%41\r\nx-twice: first\r\nX-TWICE: second\r\nRange: bytes=0-1\r\n"
          "Content-Type: multipart/form-data; boundary=q\r\nContent-Encoding: gzip\r\n"
          "Content-Length: 3\r\n\r\nabc");
  EXPECT_EQ(StatusOf(answer), "HTTP/1.1 201 Created");
  EXPECT_TRUE(Has(answer, "\r\nRetry-After: 3\r\n")) << answer;
  EXPECT_TRUE(Has(answer, "\r\nContent-Length: 0\r\n")) << answer;
  EXPECT_EQ(seen.method, "PUT");
  EXPECT_EQ(seen.path, "/a/x y/b/2");
  EXPECT_EQ(seen.captures, (std::vector<std::string>{"x y", "2"}));
  EXPECT_EQ(seen.query,
            (std::multimap<std::string, std::string>{
                {"label", "a=b"}, {"n", "1"}, {"n", "2"}, {"text", "ä &"}, {"empty", ""}}));
  EXPECT_EQ(seen.headers.at("x-percent"), "100%41");
  EXPECT_EQ(seen.headers.at("x-twice"), "first");
  EXPECT_EQ(seen.body, "abc");
}

TEST_F(HttpServerTest, UnknownPathAndUnknownMethod) {
  Serve();
  const std::string missing = Ask("GET /nothing HTTP/1.1\r\n\r\n");
  EXPECT_EQ(StatusOf(missing), "HTTP/1.1 404 Not Found");
  EXPECT_TRUE(Has(missing, "{\"error\":")) << missing;
  const std::string wrong = Ask("DELETE /hello HTTP/1.1\r\n\r\n");
  EXPECT_EQ(StatusOf(wrong), "HTTP/1.1 405 Method Not Allowed");
  EXPECT_TRUE(Has(wrong, "\r\nAllow: GET, HEAD\r\n")) << wrong;
  EXPECT_EQ(StatusOf(Ask("POST /nothing HTTP/1.1\r\nContent-Length: 0\r\n\r\n")),
            "HTTP/1.1 404 Not Found");
  EXPECT_EQ(StatusOf(Ask("OPTIONS /echo HTTP/1.1\r\n\r\n")), "HTTP/1.1 405 Method Not Allowed");
}

TEST_F(HttpServerTest, HeadIsGetWithoutItsBody) {
  Serve();
  Client client(server_->port());
  client.Send("HEAD /hello HTTP/1.1\r\n\r\nGET /hello HTTP/1.1\r\n\r\n");
  const std::string head = client.ReadAnswer(false);
  EXPECT_EQ(StatusOf(head), "HTTP/1.1 200 OK");
  EXPECT_TRUE(Has(head, "\r\nContent-Length: 6\r\n")) << head;
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "hello\n");
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  Serve();
  Client client(server_->port());
  client.Send(
      "POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\none"
      "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n"
      "GET /hello HTTP/1.1\r\nConnection: Close\r\n\r\n"
      "GET /hello HTTP/1.1\r\n\r\n");
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "one");
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "two");
  const std::string last = client.ReadToEnd();
  EXPECT_TRUE(Has(last, "\r\nConnection: close\r\n")) << last;
  EXPECT_EQ(BodyOf(last), "hello\n");
}

TEST_F(HttpServerTest, ChunkedBodiesArriveWhole) {
  Serve();
  Client client(server_->port());
  client.Send("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const char* part :
       {"4", ";ext=1\r\nwo", "rd\r\n", "A\r\n, and more", "\r\n0\r\nTrailer: x\r\n"}) {
    client.Send(part);
  }
  client.Send("\r\n");
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "word, and more");
  client.Send("GET /hello HTTP/1.1\r\n\r\n");
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "hello\n");
}

TEST_F(HttpServerTest, APostWithoutALengthHasNoBody) {
  Serve();
  const std::string answer = Ask("POST /echo HTTP/1.1\r\n\r\n");
  EXPECT_EQ(StatusOf(answer), "HTTP/1.1 200 OK");
  EXPECT_EQ(BodyOf(answer), "");
}

TEST_F(HttpServerTest, OldClientsAreAnsweredAndClosed) {
  Serve();
  Client client(server_->port());
  client.Send("GET /hello HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
  EXPECT_EQ(BodyOf(client.ReadToEnd()), "hello\n");
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpServerTest, AHandlerThatThrowsIsA500AndNotTheEnd) {
  Serve();
  Client client(server_->port());
  client.Send("GET /throws HTTP/1.1\r\n\r\n");
  const std::string answer = client.ReadAnswer();
  EXPECT_EQ(StatusOf(answer), "HTTP/1.1 500 Internal Server Error");
  EXPECT_FALSE(Has(answer, "secret reason")) << answer;
  client.Send("GET /hello HTTP/1.1\r\n\r\n");
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "hello\n");
}

TEST_F(HttpServerTest, TheGuardSpeaksBeforeTheBodyIsRead) {
  Serve();
  Client client(server_->port());
  client.Send(
      "POST /guarded HTTP/1.1\r\nAuthorization: Bearer wrong\r\nContent-Length: 500000\r\n\r\n");
  client.Send(std::string(1000, 'x'));
  const std::string answer = client.ReadAnswer();
  EXPECT_EQ(StatusOf(answer), "HTTP/1.1 401 Unauthorized");
  EXPECT_TRUE(Has(answer, "\r\nConnection: close\r\n")) << answer;
  EXPECT_EQ(client.ReadOnce(), "");
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpServerTest, WhoAsksToBeToldOfRefusalsHearsWhoAndWhy) {
  std::vector<std::string> heard;
  for (Route& route : routes_) {
    route.refused = [&](const HttpRequest& request, const HttpResponse& answer) {
      heard.push_back(request.remote + " " + std::to_string(answer.status) + " " + ErrorOf(answer));
    };
  }
  Serve();
  Ask("POST /guarded HTTP/1.1\r\n\r\n");
  Ask("POST /echo HTTP/1.1\r\nContent-Length: 1001\r\n\r\n");
  Ask("GET /hello HTTP/1.1\r\n\r\n");
  server_->Stop();
  EXPECT_EQ(heard, (std::vector<std::string>{"127.0.0.1 401 no token",
                                             "127.0.0.1 413 the body is longer than 1000 bytes"}));
}

TEST_F(HttpServerTest, ARefusalWithoutABodyKeepsTheConnection) {
  Serve();
  Client client(server_->port());
  client.Send("POST /guarded HTTP/1.1\r\n\r\n");
  EXPECT_EQ(StatusOf(client.ReadAnswer()), "HTTP/1.1 401 Unauthorized");
  client.Send("GET /hello HTTP/1.1\r\n\r\n");
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "hello\n");
}

TEST_F(HttpServerTest, ContinueIsSaidOnlyAfterTheGuard) {
  Serve();
  const std::string rest = "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n";
  const std::string refused = Ask("POST /guarded HTTP/1.1\r\n" + rest);
  EXPECT_EQ(StatusOf(refused), "HTTP/1.1 401 Unauthorized");

  Client client(server_->port());
  client.Send("POST /guarded HTTP/1.1\r\nAuthorization: Bearer 100%41\r\n" + rest);
  EXPECT_EQ(client.ReadAnswer(false), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("body");
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "body");
}

TEST_F(HttpServerTest, AnAnswerThatNobodyTakesDoesNotKillTheProcess) {
  support::Gate begun;
  support::Gate client_gone;
  routes_.push_back({.method = "GET", .path = "/big", .handler = [&](const HttpRequest&) {
                       begun.Pass();
                       client_gone.Wait();
                       return HttpResponse{.body = std::string(8 << 20, 'x')};
                     }});
  Serve();
  // httplib ignores it for the whole process; we do not count on that.
  const auto before = std::signal(SIGPIPE, SIG_DFL);
  {
    Client client(server_->port());
    client.Send("GET /big HTTP/1.1\r\n\r\n");
    ASSERT_TRUE(begun.Wait());
  }
  client_gone.Pass();
  server_->Stop();
  std::signal(SIGPIPE, before);
}

TEST_F(HttpServerTest, ATakenPortIsBusyAndABadAddressInvalid) {
  Serve();
  options_.port = server_->port();
  const auto taken = HttpServer::Bind(options_, {});
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code, ErrorCode::kBusy);
  EXPECT_TRUE(Has(taken.error().message, std::to_string(options_.port))) << taken.error().message;
  options_.address = "203.0.113.7";  // reserved for documents: no machine has it
  EXPECT_EQ(HttpServer::Bind(options_, {}).error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace base
