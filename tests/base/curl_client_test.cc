#include "base/curl_client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/scripted_server.h"

namespace base {
namespace {

using support::Certificate;
using support::Peer;
using support::ScriptedServer;

void HearRequest(Peer& peer) {
  while (!peer.Hear().empty()) continue;
}

class CurlHttp : public testing::Test {
 protected:
  CurlHttp() { setenv("no_proxy", "127.0.0.1", 1); }

  static std::string UrlOf(const ScriptedServer& server, const std::string& rest = "/") {
    return "http://127.0.0.1:" + std::to_string(server.port()) + rest;
  }
  static ScriptedServer::Script Answer(const std::string& answer) {
    return [answer](Peer& peer) {
      HearRequest(peer);
      peer.Write(answer);
    };
  }
  Result<HttpReply> Reply(const HttpCall& call, const std::stop_token& stop = {}) {
    return client.Http(call, stop).reply;
  }
  Result<HttpReply> Get(const std::string& url) { return Reply({.url = url}); }

  CurlClient client;
};

TEST_F(CurlHttp, GivesStatusHeadersAndBody) {
  ScriptedServer server(Answer(
      "HTTP/1.1 503 Later\r\nRetry-After: 7\r\nX-Two:  a b \r\nContent-Length: 5\r\n\r\nhello"));
  const auto reply = Get(UrlOf(server, "/a?b=c"));
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->status, 503);
  EXPECT_EQ(reply->body, "hello");
  EXPECT_EQ(reply->headers.at("retry-after"), "7");
  EXPECT_EQ(reply->headers.at("x-two"), "a b");
  EXPECT_EQ(server.Heard().front(), "GET /a?b=c HTTP/1.1");
}

TEST_F(CurlHttp, SendsBodyAndHeadersOfTheCallerAndNoOthers) {
  std::string body;
  ScriptedServer server([&](Peer& peer) {
    HearRequest(peer);
    body = peer.HearBytes(2'000'000);
    peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  const auto reply =
      Reply({.method = "POST",
             .url = UrlOf(server),
             .headers = {{"Authorization", "Bearer token"}, {"content-type", "application/json"}},
             .body = std::string(2'000'000, 'x')});
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  std::vector<std::string> heard = server.Heard();
  EXPECT_EQ(body, std::string(2'000'000, 'x'));
  const std::vector<std::string> expected = {"POST / HTTP/1.1",
                                             "Host: 127.0.0.1:" + std::to_string(server.port()),
                                             "Accept: */*",
                                             "Content-Length: 2000000",
                                             "Authorization: Bearer token",
                                             "content-type: application/json",
                                             ""};
  std::sort(heard.begin(), heard.end());
  auto sorted = expected;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(heard, sorted);
}

TEST_F(CurlHttp, InventsNoContentType) {
  ScriptedServer server(Answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  ASSERT_TRUE(Reply({.method = "POST", .url = UrlOf(server)}).ok());
  const std::vector<std::string> expected = {"POST / HTTP/1.1",
                                             "Host: 127.0.0.1:" + std::to_string(server.port()),
                                             "Accept: */*", "Content-Length: 0", ""};
  EXPECT_EQ(server.Heard(), expected);
}

TEST_F(CurlHttp, KeepsItsCap) {
  for (const char* answer :
       {"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n12345678901",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n"}) {
    for (const std::size_t cap : {10U, 11U}) {
      ScriptedServer server(Answer(answer));
      const auto reply = Reply({.url = UrlOf(server), .max_answer_bytes = cap});
      EXPECT_EQ(reply.ok(), cap == 11) << answer;
      if (!reply.ok()) {
        EXPECT_EQ(reply.error().code, ErrorCode::kFull) << reply.error().message;
      }
    }
  }
}

TEST_F(CurlHttp, HeadersAreBoundedToo) {
  ScriptedServer server([](Peer& peer) {
    HearRequest(peer);
    peer.Write("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 100; ++i) peer.Say("X: " + std::string(1000, 'x'));
    peer.Say("");
  });
  const auto reply = Get(UrlOf(server));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kFull) << reply.error().message;
}

TEST_F(CurlHttp, FollowsNoRedirect) {
  ScriptedServer other(Answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  ScriptedServer server(
      Answer("HTTP/1.1 302 Found\r\nLocation: " + UrlOf(other) + "\r\nContent-Length: 0\r\n\r\n"));
  const auto reply = Get(UrlOf(server));
  ASSERT_TRUE(reply.ok()) << reply.error().message;
  EXPECT_EQ(reply->status, 302);
  EXPECT_TRUE(other.Heard().empty());
}

TEST_F(CurlHttp, WhoReachedNobodySaysSo) {
  const HttpOutcome nameless = client.Http({.url = "http://api.invalid/"}, {});
  EXPECT_TRUE(nameless.unreached);
  EXPECT_FALSE(nameless.sent);
  std::string refusing;
  {
    const ScriptedServer closed([](Peer&) {});
    refusing = UrlOf(closed);
  }
  EXPECT_FALSE(client.Http({.url = refusing}, {}).unreached) << "its machine refused";
}

TEST_F(CurlHttp, ASilentServerIsATimeout) {
  ScriptedServer server([](Peer& peer) { peer.Hang(); });
  const auto reply = Reply({.url = UrlOf(server), .timeout = Millis(100)});
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kTimeout);
}

TEST_F(CurlHttp, StopEndsAHang) {
  std::stop_source source;
  ScriptedServer server([&](Peer& peer) {
    HearRequest(peer);
    source.request_stop();
    peer.Hang();
  });
  const SteadyTime start = std::chrono::steady_clock::now();
  const auto reply = Reply({.url = UrlOf(server), .timeout = Millis(15'000)}, source.get_token());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
}

TEST_F(CurlHttp, RefusesASelfSignedCertificate) {
  const Certificate certificate("IP:127.0.0.1");
  for (const bool trusted : {false, true}) {
    ScriptedServer server([&](Peer& peer) {
      if (!peer.StartTls(certificate)) return;
      HearRequest(peer);
      peer.Write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    HttpCall call = {.url = "https://127.0.0.1:" + std::to_string(server.port()) + "/"};
    if (trusted) call.ca_file = certificate.file();
    const auto reply = Reply(call);
    EXPECT_EQ(reply.ok(), trusted);
    if (!reply.ok()) {
      EXPECT_EQ(reply.error().code, ErrorCode::kDenied) << reply.error().message;
    }
  }
}

TEST_F(CurlHttp, ErrorsHoldNoSecret) {
  ScriptedServer silent([](Peer&) {});  // hangs up at once
  ScriptedServer huge(Answer("HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n"));
  const std::string rest = "/bot1234:SECRET/send?key=SECRET";
  std::vector<std::string> urls = {UrlOf(silent, rest),
                                   UrlOf(huge, rest),
                                   "http://127.0.0.1:1" + rest,
                                   "http://SECRET@x/",
                                   "http://ops:SECRET@x/",
                                   "ftp://127.0.0.1:1" + rest,
                                   "http://:SECRET",
                                   "SECRET",
                                   "http://127.0.0.1:1/\r\nX: SECRET",
                                   "http://name.invalid" + rest};
  for (const std::string& url : urls) {
    const auto reply = Reply(
        {.url = url, .headers = {{"Authorization", "Bearer SECRET"}}, .max_answer_bytes = 10});
    ASSERT_FALSE(reply.ok()) << url;
    EXPECT_EQ(reply.error().message.find("SECRET"), std::string::npos) << reply.error().message;
    EXPECT_FALSE(reply.error().message.empty());
  }
}

TEST_F(CurlHttp, ACallThatCannotBeMadeIsRefused) {
  const HttpCall good = {.url = "http://127.0.0.1:1/"};
  std::vector<HttpCall> calls(5, good);
  calls[0].url = "file:///etc/hostname";
  calls[1].headers = {{"X", "a\r\nY: b"}};
  calls[2].headers = {{"X: y\r\n", "b"}};
  calls[3].method = "GET / HTTP/1.1\r\nX:";
  calls[4].url = "http://ops:word@127.0.0.1:1/";
  for (const HttpCall& call : calls) {
    const auto reply = Reply(call);
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().code, ErrorCode::kInvalid) << reply.error().message;
  }
}

}  // namespace
}  // namespace base
