#include "model-svc/http_front.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/model-svc/http_front_fixture.h"

namespace model {
namespace {

TEST_F(HttpFrontTest, ServesItsRoutesOnAKeptConnection) {
  Serve();
  Client client(front_->port());
  for (int i = 0; i < 3; ++i) {
    client.Send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string hello = client.ReadAnswer();
    EXPECT_EQ(StatusOf(hello), "HTTP/1.1 200 OK");
    EXPECT_TRUE(Has(hello, "\r\nContent-Type: text/plain\r\n")) << hello;
    EXPECT_FALSE(Has(hello, "Connection:")) << hello;
    EXPECT_EQ(BodyOf(hello), "hello\n");
    client.Send(Post("/echo", "body " + std::to_string(i)));
    EXPECT_EQ(BodyOf(client.ReadAnswer()), "body " + std::to_string(i));
  }
}

TEST_F(HttpFrontTest, TellsWhatDoesNotExist) {
  Serve();
  Client client(front_->port());
  for (const char* target : {"/nothing", "/hello/", "/hello%00", "/%68ello", "*", "/ hello"}) {
    client.Send(std::string("GET ") + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string answer = client.ReadAnswer();
    EXPECT_EQ(StatusOf(answer), "HTTP/1.1 404 Not Found") << target;
    EXPECT_TRUE(Has(answer, "{\"error\":")) << answer;
  }
  for (const char* method : {"POST", "OPTIONS", "DELETE", "BREW"}) {
    client.Send(std::string(method) + " /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string answer = client.ReadAnswer();
    EXPECT_EQ(StatusOf(answer), "HTTP/1.1 405 Method Not Allowed") << method;
    EXPECT_TRUE(Has(answer, "\r\nAllow: GET, HEAD\r\n")) << answer;
  }
  EXPECT_TRUE(IsUsable(&client));
}

TEST_F(HttpFrontTest, HeadIsGetWithoutTheBody) {
  Serve();
  Client client(front_->port());
  client.Send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(Has(client.ReadAnswer(false), "\r\nContent-Length: 6\r\n"));
  EXPECT_TRUE(IsUsable(&client));
}

TEST_F(HttpFrontTest, GivesTheQueryDecoded) {
  routes_.push_back({.method = "GET", .path = "/query", .handler = [](const Request& r) {
                       std::string all;
                       for (const auto& [name, value] : r.query) all += name + "=" + value + ";";
                       return Response{.body = all};
                     }});
  Serve();
  Client client(front_->port());
  client.Send(
      "GET /query?a=1&b=x%20y&a=2&c HTTP/1.1\r\nHost: a\r\n\r\nGET /query HTTP/1.1\r\nHost: "
      "a\r\n\r\n");
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "a=1;a=2;b=x y;c=;");
  EXPECT_EQ(BodyOf(client.ReadAnswer()), "");
}

TEST_F(HttpFrontTest, PassesHeadersOfTheAnswer) {
  routes_.push_back({.method = "GET", .path = "/later", .handler = [](const Request&) {
                       return Response{.status = 503, .headers = {{"Retry-After", "7"}}};
                     }});
  Serve();
  const std::string answer = Ask("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(StatusOf(answer), "HTTP/1.1 503 Service Unavailable");
  EXPECT_TRUE(Has(answer, "\r\nRetry-After: 7\r\n")) << answer;
}

TEST_F(HttpFrontTest, AHandlerThatThrowsIsA500WithoutTheReason) {
  Serve();
  Client client(front_->port());
  client.Send("GET /throws HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = client.ReadAnswer();
  EXPECT_EQ(StatusOf(answer), "HTTP/1.1 500 Internal Server Error");
  EXPECT_FALSE(Has(answer, "secret")) << answer;
  EXPECT_TRUE(IsUsable(&client));
}

// A parser that reads whole vectors may look behind the end of the body.
TEST_F(HttpFrontTest, TheBodyHasReadableBytesBehindIt) {
  routes_.push_back({.method = "POST",
                     .path = "/room",
                     .handler =
                         [](const Request& r) {
                           const std::size_t room = r.body.capacity() - r.body.size();
                           return Response{.body = room >= HttpFront::kBodyPadding ? "yes" : "no"};
                         },
                     .max_body_bytes = 10'000});
  Serve();
  Client client(front_->port());
  for (const std::size_t size : {0, 1, 15, 16, 300, 4096, 9999, 10'000}) {
    const std::string body(size, 'x');
    client.Send(Post("/room", body));
    EXPECT_EQ(BodyOf(client.ReadAnswer()), "yes") << size;
    client.Send("POST /room HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const char c : body) client.Send(std::string("1\r\n") + c + "\r\n");
    client.Send("0\r\n\r\n");
    EXPECT_EQ(BodyOf(client.ReadAnswer()), "yes") << size << " in chunks";
  }
}

TEST_F(HttpFrontTest, AnswersPipelinedRequestsInOrder) {
  Serve();
  Client client(front_->port());
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += Post("/echo", std::to_string(i));
  client.Send(requests);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(BodyOf(client.ReadAnswer()), std::to_string(i));
}

TEST_F(HttpFrontTest, AnswersAClientThatHasFinishedSending) {
  Serve();
  Client client(front_->port());
  client.Send(Post("/echo", "last words"));
  client.EndSending();
  EXPECT_EQ(BodyOf(client.ReadToEnd()), "last words");
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpFrontTest, ClosesWhenAsked) {
  Serve();
  for (const char* head : {"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                           "GET /hello HTTP/1.0\r\n\r\n"}) {
    Client client(front_->port());
    client.Send(head);
    EXPECT_EQ(BodyOf(client.ReadToEnd()), "hello\n") << head;
    EXPECT_TRUE(client.ended());
  }
}

TEST_F(HttpFrontTest, ServesWithSeveralThreads) {
  options_.threads = 3;
  Serve();
  std::vector<std::unique_ptr<Client>> clients;
  clients.reserve(20);
  for (int i = 0; i < 20; ++i) clients.push_back(std::make_unique<Client>(front_->port()));
  for (auto& client : clients) EXPECT_TRUE(IsUsable(client.get()));
}

TEST_F(HttpFrontTest, APortThatIsTakenIsBusyAndABadAddressInvalid) {
  Serve();
  options_.port = front_->port();
  EXPECT_EQ(HttpFront::Bind(options_, routes_).error().code, base::ErrorCode::kBusy);
  options_.port = 0;
  options_.address = "203.0.113.1";  // RFC 5737: nobody has it
  EXPECT_EQ(HttpFront::Bind(options_, routes_).error().code, base::ErrorCode::kInvalid);
}

TEST_F(HttpFrontTest, CountsAndTimesRequests) {
  Serve();
  Client client(front_->port());
  for (const char* request :
       {"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\n\r\n", "BREW /b HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    client.Send(request);
    client.ReadAnswer();
  }
  EXPECT_EQ(Metric("http_requests_total{code=\"200\",method=\"GET\",path=\"/hello\"}"), "2");
  EXPECT_EQ(Metric("http_requests_total{code=\"404\",method=\"GET\",path=\"other\"}"), "1");
  EXPECT_EQ(Metric("http_requests_total{code=\"404\",method=\"other\",path=\"other\"}"), "1");
  EXPECT_EQ(Metric("http_request_duration_seconds_count{path=\"/hello\"}"), "2");
  EXPECT_EQ(Metric("http_connections"), "1");
}

}  // namespace
}  // namespace model
