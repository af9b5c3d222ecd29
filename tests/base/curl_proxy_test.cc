#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/curl_client.h"
#include "tests/support/environment.h"
#include "tests/support/scripted_server.h"

// Calls through proxies, and what is known about a request that got no answer.
namespace base {
namespace {

using support::Certificate;
using support::Environment;
using support::Peer;
using support::ScriptedServer;

const std::string kPath = "/bot1234:SECRET/send";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
// Nobody listens on it.
const std::string kClosedPort = "127.0.0.1:1";

std::string HostOf(const ScriptedServer& server) {
  return "127.0.0.1:" + std::to_string(server.port());
}

void HearRequest(Peer& peer) {
  while (!peer.Hear().empty()) continue;
}

ScriptedServer::Script Answer(const std::string& answer) {
  return [answer](Peer& peer) {
    HearRequest(peer);
    peer.Write(answer);
  };
}

// A SOCKS5 proxy (RFC 1928) that asks for no login and is told a name; `code` 0: connected.
void TalkSocks(Peer& peer, char code, std::string* name) {
  const std::string greeting = peer.HearBytes(2);
  peer.HearBytes(static_cast<std::size_t>(greeting.at(1)));
  peer.Write({5, 0});
  const std::string request = peer.HearBytes(5);
  if (request.at(3) == 3) *name = peer.HearBytes(static_cast<std::size_t>(request.at(4)));
  peer.HearBytes(2);  // the port
  peer.Write({5, code, 0, 1, 127, 0, 0, 1, 0, 80});
}

class CurlProxy : public testing::Test {
 protected:
  HttpOutcome Call(const std::string& url, const std::string& proxy = "") {
    return client.Http({.url = url, .timeout = Millis(20'000), .proxy = proxy}, {});
  }

  // What libcurl would heed on a machine that has them.
  const Environment environment{{"no_proxy", "127.0.0.1"}};
  CurlClient client;
};

TEST_F(CurlProxy, NothingIsSentWithoutAConnection) {
  EXPECT_FALSE(Call("http://" + kClosedPort + kPath).sent);
  EXPECT_FALSE(Call("http://name.invalid" + kPath).sent);
  EXPECT_FALSE(Call("ftp://" + kClosedPort + kPath).sent);
}

TEST_F(CurlProxy, NothingIsSentWhenTheCertificateIsRefused) {
  const Certificate certificate("IP:127.0.0.1");
  ScriptedServer server([&](Peer& peer) { peer.StartTls(certificate); });
  const HttpOutcome outcome = Call("https://" + HostOf(server) + kPath);
  ASSERT_FALSE(outcome.reply.ok());
  EXPECT_EQ(outcome.reply.error().code, ErrorCode::kDenied);
  EXPECT_FALSE(outcome.sent);
}

TEST_F(CurlProxy, NothingIsSentOnceStopped) {
  ScriptedServer server(Answer(kOk));
  std::stop_source source;
  source.request_stop();
  const HttpOutcome outcome =
      client.Http({.url = "http://" + HostOf(server) + kPath}, source.get_token());
  EXPECT_FALSE(outcome.reply.ok());
  EXPECT_FALSE(outcome.sent);
  EXPECT_TRUE(server.Heard().empty());
}

TEST_F(CurlProxy, AServerThatFallsSilentMayHaveTheRequest) {
  ScriptedServer server([](Peer& peer) { HearRequest(peer); });
  const HttpOutcome outcome = Call("http://" + HostOf(server) + kPath);
  EXPECT_FALSE(outcome.reply.ok());
  EXPECT_TRUE(outcome.sent);
}

TEST_F(CurlProxy, AnHttpProxyIsGivenTheWholeUrlWhateverNoProxySays) {
  ScriptedServer proxy(Answer(kOk));
  const HttpOutcome outcome = Call("http://127.0.0.1:1/a", "http://" + HostOf(proxy));
  ASSERT_TRUE(outcome.reply.ok()) << outcome.reply.error().message;
  EXPECT_EQ(proxy.Heard().front(), "GET http://127.0.0.1:1/a HTTP/1.1");
}

TEST_F(CurlProxy, WithoutOneTheEnvironmentDecides) {
  ScriptedServer proxy(Answer(kOk));
  const Environment of_machine{{"http_proxy", "http://" + HostOf(proxy)}};
  ASSERT_TRUE(Call("http://name.invalid/a").reply.ok());
  EXPECT_EQ(proxy.Heard().front(), "GET http://name.invalid/a HTTP/1.1");
}

TEST_F(CurlProxy, ATunnelCarriesTls) {
  const Certificate certificate("DNS:api.invalid");
  std::string asked;
  std::string heard;
  ScriptedServer proxy([&](Peer& peer) {
    asked = peer.Hear();
    HearRequest(peer);
    peer.Write("HTTP/1.1 200 Connected\r\n\r\n");
    if (!peer.StartTls(certificate)) return;
    heard = peer.Hear();
    Answer(kOk)(peer);
  });
  const HttpOutcome outcome = client.Http({.url = "https://api.invalid" + kPath,
                                           .ca_file = certificate.file(),
                                           .proxy = "http://" + HostOf(proxy)},
                                          {});
  ASSERT_TRUE(outcome.reply.ok()) << outcome.reply.error().message;
  EXPECT_EQ(outcome.reply->status, 200);
  (void)proxy.Heard();
  EXPECT_EQ(asked, "CONNECT api.invalid:443 HTTP/1.1");
  EXPECT_EQ(heard, "GET " + kPath + " HTTP/1.1");
}

TEST_F(CurlProxy, ATunnelThatIsRefusedHasSentNothing) {
  for (const char* status : {"407 Login", "403 No", "502 Bad"}) {
    ScriptedServer proxy(
        Answer("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 0\r\n\r\n"));
    const HttpOutcome outcome = Call("https://api.invalid" + kPath, "http://" + HostOf(proxy));
    ASSERT_FALSE(outcome.reply.ok());
    EXPECT_EQ(outcome.reply.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(outcome.reply.error().message,
              "api.invalid: the proxy answered " + std::string(status).substr(0, 3));
    EXPECT_FALSE(outcome.sent);
  }
}

TEST_F(CurlProxy, ATunnelThatBreaksBeforeTlsHasSentNothing) {
  for (const char* answer : {"", "HTTP/1.1 200 Connected\r\n\r\n"}) {
    ScriptedServer proxy(Answer(answer));
    const HttpOutcome outcome = Call("https://api.invalid" + kPath, "http://" + HostOf(proxy));
    EXPECT_FALSE(outcome.reply.ok());
    EXPECT_FALSE(outcome.sent);
  }
}

TEST_F(CurlProxy, ASilentProxyIsATimeout) {
  ScriptedServer proxy([](Peer& peer) { peer.Hang(); });
  const HttpOutcome outcome = client.Http({.url = "https://api.invalid" + kPath,
                                           .timeout = Millis(200),
                                           .proxy = "http://" + HostOf(proxy)},
                                          {});
  ASSERT_FALSE(outcome.reply.ok());
  EXPECT_EQ(outcome.reply.error().code, ErrorCode::kTimeout);
  EXPECT_FALSE(outcome.sent);
}

TEST_F(CurlProxy, AnHttpsProxyIsChecked) {
  const Certificate certificate("IP:127.0.0.1");
  for (const bool trusted : {false, true}) {
    ScriptedServer proxy([&](Peer& peer) {
      if (peer.StartTls(certificate)) Answer(kOk)(peer);
    });
    HttpCall call = {.url = "http://api.invalid/a", .proxy = "https://" + HostOf(proxy)};
    if (trusted) call.ca_file = certificate.file();
    const HttpOutcome outcome = client.Http(call, {});
    EXPECT_EQ(outcome.reply.ok(), trusted);
    EXPECT_EQ(outcome.sent, trusted);
    if (!outcome.reply.ok()) {
      EXPECT_EQ(outcome.reply.error().code, ErrorCode::kDenied);
    }
  }
}

TEST_F(CurlProxy, SocksResolvesTheName) {
  std::string name;
  ScriptedServer proxy([&](Peer& peer) {
    TalkSocks(peer, 0, &name);
    Answer(kOk)(peer);
  });
  const HttpOutcome outcome = Call("http://api.invalid/a", "socks5h://" + HostOf(proxy));
  ASSERT_TRUE(outcome.reply.ok()) << outcome.reply.error().message;
  EXPECT_EQ(proxy.Heard().front(), "GET /a HTTP/1.1");
  EXPECT_EQ(name, "api.invalid");
}

TEST_F(CurlProxy, SocksThatRefusesHasSentNothing) {
  std::string name;
  ScriptedServer proxy([&](Peer& peer) { TalkSocks(peer, 5, &name); });
  const HttpOutcome outcome = Call("http://api.invalid" + kPath, "socks5h://" + HostOf(proxy));
  ASSERT_FALSE(outcome.reply.ok());
  EXPECT_EQ(outcome.reply.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(outcome.reply.error().message.find("SECRET"), std::string::npos);
  EXPECT_FALSE(outcome.sent);
}

TEST_F(CurlProxy, AProxyThatIsNotOneIsRefused) {
  for (const char* proxy :
       {"127.0.0.1:3128", "http://127.0.0.1", "socks5://127.0.0.1:1080", "socks4a://p:1080",
        "http://SECRET@p:1", "http://u:SECRET@p:1", "socks5h://u:SECRET@p:1", "http://p:1/SECRET",
        "http://p:1?SECRET", "http://p:1#SECRET", "http://p:SECRET", "ftp://p:1", "http://:1",
        "http://p:1\r\nSECRET", "SECRET"}) {
    const HttpOutcome outcome = Call("http://" + kClosedPort + "/", proxy);
    ASSERT_FALSE(outcome.reply.ok()) << proxy;
    EXPECT_EQ(outcome.reply.error().code, ErrorCode::kInvalid) << proxy;
    EXPECT_EQ(outcome.reply.error().message.find("SECRET"), std::string::npos) << proxy;
    EXPECT_FALSE(outcome.sent);
  }
}

TEST_F(CurlProxy, ErrorsHoldNoPath) {
  const std::vector<std::string> proxies = {"http://" + kClosedPort, "https://" + kClosedPort,
                                            "socks5h://" + kClosedPort, "http://name.invalid:1"};
  for (const std::string& proxy : proxies) {
    for (const char* scheme : {"http://", "https://"}) {
      const HttpOutcome outcome = Call(scheme + ("api.invalid" + kPath), proxy);
      ASSERT_FALSE(outcome.reply.ok());
      EXPECT_EQ(outcome.reply.error().message.find("SECRET"), std::string::npos);
      EXPECT_FALSE(outcome.sent);
    }
  }
}

}  // namespace
}  // namespace base
