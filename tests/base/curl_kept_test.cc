#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/curl_client.h"
#include "tests/support/gate.h"
#include "tests/support/scripted_server.h"

namespace base {
namespace {

using support::Certificate;
using support::Gate;
using support::Peer;
using support::ScriptedServer;

constexpr char kFirst[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst";
constexpr char kSecond[] = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond";

// The request line; a request without a body ends with the head.
std::string HearRequest(Peer& peer) {
  std::string line = peer.Hear();
  while (!peer.Hear().empty()) continue;
  return line;
}

void AnswerSecond(Peer& peer) {
  HearRequest(peer);
  peer.Write(kSecond);
}

class CurlKept : public testing::Test {
 protected:
  CurlKept() { setenv("no_proxy", "127.0.0.1", 1); }

  void Serve(std::vector<ScriptedServer::Script> scripts) {
    server_ = std::make_unique<ScriptedServer>(std::move(scripts));
  }
  HttpCall Call(const std::string& method = "POST") const {
    return {.method = method,
            .url = "http://127.0.0.1:" + std::to_string(server_->port()) + "/",
            .keep = true};
  }
  HttpOutcome Make(const HttpCall& call) { return client_->Http(call, {}); }
  // The body of the answer, or the error.
  std::string Body(const HttpCall& call) {
    const auto reply = Make(call).reply;
    return reply.ok() ? reply->body : reply.error().message;
  }

  std::unique_ptr<CurlClient> client_ = std::make_unique<CurlClient>();
  std::unique_ptr<ScriptedServer> server_;
};

TEST_F(CurlKept, TheNextCallTakesTheSameConnection) {
  Serve({[](Peer& peer) {
    HearRequest(peer);
    peer.Write(kFirst);
    AnswerSecond(peer);
  }});
  EXPECT_EQ(Body(Call()), "first");
  const HttpOutcome second = Make(Call());
  ASSERT_TRUE(second.reply.ok()) << second.reply.error().message;
  EXPECT_EQ(second.reply->body, "second");
  EXPECT_TRUE(second.sent);
}

TEST_F(CurlKept, ByTlsToo) {
  const Certificate certificate("IP:127.0.0.1");
  Serve({[&](Peer& peer) {
    if (!peer.StartTls(certificate)) return;
    HearRequest(peer);
    peer.Write(kFirst);
    AnswerSecond(peer);
  }});
  HttpCall call = Call();
  call.url.replace(0, 4, "https");
  call.ca_file = certificate.file();
  EXPECT_EQ(Body(call), "first");
  EXPECT_EQ(Body(call), "second");
}

TEST_F(CurlKept, ACallThatDoesNotKeepLeavesNothing) {
  Serve({[](Peer& peer) {
           HearRequest(peer);
           peer.Write(kFirst);
           peer.Hang();  // until the client goes
         },
         AnswerSecond});
  HttpCall call = Call();
  call.keep = false;
  EXPECT_EQ(Body(call), "first");
  EXPECT_EQ(Body(call), "second");
}

TEST_F(CurlKept, OneThatWasClosedMeanwhileIsReplaced) {
  for (const bool abruptly : {false, true}) {
    Gate closed;
    Serve({[&](Peer& peer) {
             HearRequest(peer);
             peer.Write(kFirst);
             abruptly ? peer.Reset() : peer.HangUp();
             closed.Pass();
           },
           AnswerSecond});
    Make(Call());  // a reset may overtake the answer
    ASSERT_TRUE(closed.Wait());
    const HttpOutcome second = Make(Call());
    ASSERT_TRUE(second.reply.ok()) << abruptly << ": " << second.reply.error().message;
    EXPECT_EQ(second.reply->body, "second");
    server_->Heard();  // its thread is over before the gate is
  }
}

TEST_F(CurlKept, OneThatWasClosedAndCannotBeReplacedSentNothing) {
  Gate closed;
  Serve({[&](Peer& peer) {
    HearRequest(peer);
    peer.Write(kFirst);
    peer.Reset();
    closed.Pass();
  }});
  EXPECT_EQ(Body(Call()), "first");
  ASSERT_TRUE(closed.Wait());
  const HttpCall call = Call();
  server_.reset();
  const HttpOutcome second = Make(call);
  EXPECT_FALSE(second.reply.ok());
  EXPECT_FALSE(second.sent);
}

// The server may have taken it: to send it once more is not libcurl's to decide.
TEST_F(CurlKept, APostThatLostItsConnectionMayHaveArrived) {
  for (const bool abruptly : {false, true}) {
    bool again = false;
    Serve({[&](Peer& peer) {
             HearRequest(peer);
             peer.Write(kFirst);
             HearRequest(peer);
             abruptly ? peer.Reset() : peer.HangUp();
           },
           [&](Peer& peer) { again = !HearRequest(peer).empty(); }});
    EXPECT_EQ(Body(Call()), "first");
    const HttpOutcome second = Make(Call());
    ASSERT_FALSE(second.reply.ok());
    EXPECT_TRUE(second.sent);
    EXPECT_FALSE(second.unreached);
    EXPECT_EQ(second.reply.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(second.reply.error().message, "127.0.0.1: the connection ended without an answer");
    server_->Heard();
    EXPECT_FALSE(again);
  }
}

TEST_F(CurlKept, AQuestionIsAskedAgain) {
  Serve({[](Peer& peer) {
           HearRequest(peer);
           peer.Write(kFirst);
           HearRequest(peer);
         },
         AnswerSecond});
  EXPECT_EQ(Body(Call("GET")), "first");
  EXPECT_EQ(Body(Call("GET")), "second");
}

TEST_F(CurlKept, HalfAnAnswerIsNone) {
  for (const char* half :
       {"HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsec"}) {
    Serve({[&](Peer& peer) {
             HearRequest(peer);
             peer.Write(kFirst);
             HearRequest(peer);
             peer.Write(half);
           },
           AnswerSecond});
    EXPECT_EQ(Body(Call()), "first");
    const HttpOutcome second = Make(Call());
    EXPECT_FALSE(second.reply.ok()) << half;
    EXPECT_TRUE(second.sent) << half;
    EXPECT_EQ(Body(Call()), "second") << "on a new connection";
  }
}

TEST_F(CurlKept, WhatFollowsAnAnswerIsNotTheNextOne) {
  Serve({[](Peer& peer) {
           HearRequest(peer);
           peer.Write(std::string(kFirst) + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong");
           peer.Hang();
         },
         AnswerSecond});
  EXPECT_EQ(Body(Call()), "first");
  EXPECT_EQ(Body(Call()), "second");
}

TEST_F(CurlKept, NothingOfOneCallIsInTheNext) {
  Serve({[](Peer& peer) {
    HearRequest(peer);
    peer.HearBytes(4);
    peer.Write(kFirst);
    AnswerSecond(peer);
  }});
  HttpCall call = Call();
  call.headers = {{"X-Once", "1"}};
  call.body = "body";
  EXPECT_EQ(Body(call), "first");
  EXPECT_EQ(Body(Call("GET")), "second");
  const std::vector<std::string> heard = server_->Heard();
  const std::vector<std::string> second(heard.end() - 4, heard.end());
  const std::vector<std::string> expected = {
      "GET / HTTP/1.1", "Host: 127.0.0.1:" + std::to_string(server_->port()), "Accept: */*", ""};
  EXPECT_EQ(second, expected);
}

TEST_F(CurlKept, IsClosedWhenIdleAndAtTheEnd) {
  for (const bool at_the_end : {false, true}) {
    Gate gone;
    Serve({[&](Peer& peer) {
      HearRequest(peer);
      peer.Write(kFirst);
      peer.Hang();
      gone.Pass();
    }});
    EXPECT_EQ(Body(Call()), "first");
    const SteadyTime now = std::chrono::steady_clock::now();
    client_->CloseIdle(now - std::chrono::seconds(1));
    EXPECT_EQ(gone.passed(), 0);
    if (at_the_end) {
      client_ = std::make_unique<CurlClient>();
    } else {
      client_->CloseIdle(now + std::chrono::seconds(4));
    }
    EXPECT_TRUE(gone.Wait());
    server_->Heard();
  }
}

}  // namespace
}  // namespace base
