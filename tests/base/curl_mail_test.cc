#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/curl_client.h"
#include "tests/support/scripted_server.h"

namespace base {
namespace {

using support::Peer;
using support::ScriptedServer;

constexpr char kDottedBody[] = "Subject: hot\r\n\r\nthe model\r\n.is hot\r\n..\r\n";
constexpr char kPlainBody[] = "Subject: hot\r\n\r\nhot\r\n";

// The beginning of every script, up to a point.
void Greet(Peer& peer) {
  peer.Say("220 mx ready");
  peer.Hear();
  peer.Say("250-mx");
  peer.Say("250 SIZE 1000000");
}
void TakeSender(Peer& peer) {
  Greet(peer);
  peer.Hear();
  peer.Say("250 sender ok");
}
void TakeRecipient(Peer& peer) {
  TakeSender(peer);
  peer.Hear();
  peer.Say("250 recipient ok");
}
void TakeData(Peer& peer) {
  TakeRecipient(peer);
  peer.Hear();
  peer.Say("354 go ahead");
  peer.HearMessage();
}
void Bye(Peer& peer) {
  peer.Hear();
  peer.Say("221 bye");
}

MailCall CallTo(const ScriptedServer& server) {
  return {.host = "127.0.0.1",
          .port = server.port(),
          .tls = MailTls::kNone,
          .from = "sidecar@example.org",
          .recipient = "admin@example.net",
          .data = kDottedBody};
}

MailOutcome Send(const MailCall& call, const std::stop_token& stop = {}) {
  return CurlClient().Mail(call, stop);
}

TEST(CurlMail, SendsAMessageAsItIs) {
  ScriptedServer server([](Peer& peer) {
    TakeData(peer);
    peer.Say("250 2.0.0 queued as 4711");
    Bye(peer);
  });
  const MailOutcome outcome = Send(CallTo(server));
  ASSERT_TRUE(outcome.reply.ok()) << outcome.reply.error().message;
  EXPECT_EQ(outcome.reply->code, 250);
  EXPECT_EQ(outcome.reply->text, "2.0.0 queued as 4711");
  EXPECT_EQ(outcome.phase, MailPhase::kAfterData);
  const std::vector<std::string> expected = {
      "EHLO example.org", "MAIL FROM:<sidecar@example.org>", "RCPT TO:<admin@example.net>", "DATA",
      "Subject: hot", "", "the model",
      // A leading dot is doubled on the wire (RFC 5321 4.5.2).
      "..is hot", "...", ".", "QUIT"};
  EXPECT_EQ(server.Heard(), expected);
}

TEST(CurlMail, ARefusalIsAReplyWithItsPhase) {
  struct Case {
    ScriptedServer::Script script;
    int code;
    MailPhase phase;
  };
  const std::vector<Case> cases = {
      {[](Peer& p) { p.Say("421 4.3.2 closing"); }, 421, MailPhase::kGreeting},
      {[](Peer& p) { p.Say("554 no service"); }, 554, MailPhase::kGreeting},
      {[](Peer& p) {
         Greet(p);
         p.Hear();
         p.Say("451 no sender today");
       },
       451, MailPhase::kSender},
      {[](Peer& p) {
         TakeSender(p);
         p.Hear();
         p.Say("550 5.1.1 no such user");
       },
       550, MailPhase::kRecipient},
      {[](Peer& p) {
         TakeRecipient(p);
         p.Hear();
         p.Say("452 4.3.1 disk full");
       },
       452, MailPhase::kData},
      {[](Peer& p) {
         TakeData(p);
         p.Say("451 4.7.1 try again later");
         Bye(p);
       },
       451, MailPhase::kAfterData},
  };
  for (const Case& each : cases) {
    ScriptedServer server(each.script);
    const MailOutcome outcome = Send(CallTo(server));
    ASSERT_TRUE(outcome.reply.ok()) << outcome.reply.error().message;
    EXPECT_EQ(outcome.reply->code, each.code);
    EXPECT_EQ(outcome.phase, each.phase) << each.code;
  }
}

TEST(CurlMail, NothingOfTheMessageGoesToARefusedRecipient) {
  ScriptedServer server([](Peer& peer) {
    TakeSender(peer);
    peer.Hear();
    peer.Say("550 no such user");
    Bye(peer);
  });
  (void)Send(CallTo(server));
  const auto heard = server.Heard();
  EXPECT_EQ(std::count(heard.begin(), heard.end(), "DATA"), 0);
  EXPECT_EQ(heard.back(), "QUIT");
}

TEST(CurlMail, AConnectionLostAfterTheDotIsNoReply) {
  for (const char* data : {kDottedBody, kPlainBody}) {
    ScriptedServer server(TakeData);
    MailCall call = CallTo(server);
    call.data = data;
    const MailOutcome outcome = Send(call);
    ASSERT_FALSE(outcome.reply.ok());
    EXPECT_EQ(outcome.reply.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(outcome.phase, MailPhase::kAfterData);
  }
}

TEST(CurlMail, AConnectionLostBeforeTheDataIsNoReply) {
  ScriptedServer server([](Peer& peer) {
    TakeRecipient(peer);
    peer.Hear();
  });
  const MailOutcome outcome = Send(CallTo(server));
  ASSERT_FALSE(outcome.reply.ok());
  EXPECT_EQ(outcome.phase, MailPhase::kData);
}

TEST(CurlMail, AServerThatNeverGreetsIsCutOff) {
  ScriptedServer server([](Peer& peer) { peer.Hang(); });
  MailCall call = CallTo(server);
  call.phase_timeout = Millis(100);
  const MailOutcome outcome = Send(call);
  ASSERT_FALSE(outcome.reply.ok());
  EXPECT_EQ(outcome.reply.error().code, ErrorCode::kTimeout);
  EXPECT_NE(outcome.reply.error().message.find("greeting"), std::string::npos)
      << outcome.reply.error().message;
  EXPECT_EQ(outcome.phase, MailPhase::kGreeting);
}

TEST(CurlMail, TheWaitAfterTheDotHasItsOwnBound) {
  ScriptedServer server([](Peer& peer) {
    TakeData(peer);
    peer.Hang();
  });
  MailCall call = CallTo(server);
  call.accept_timeout = Millis(100);
  const MailOutcome outcome = Send(call);
  ASSERT_FALSE(outcome.reply.ok());
  EXPECT_EQ(outcome.reply.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(outcome.phase, MailPhase::kAfterData);
}

TEST(CurlMail, StopEndsAHang) {
  std::stop_source source;
  ScriptedServer server([&](Peer& peer) {
    Greet(peer);
    peer.Hear();
    source.request_stop();
    peer.Hang();
  });
  const SteadyTime start = std::chrono::steady_clock::now();
  const MailOutcome outcome = Send(CallTo(server), source.get_token());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  ASSERT_FALSE(outcome.reply.ok());
  EXPECT_EQ(outcome.reply.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(outcome.phase, MailPhase::kSender);
}

TEST(CurlMail, AGoodbyeWithoutAnswerHoldsNobody) {
  for (const char* answer : {"250 taken", "451 not now"}) {
    ScriptedServer server([&](Peer& peer) {
      TakeData(peer);
      peer.Say(answer);
      peer.Hang();  // bounded at 20 s, which would fail the bound below
    });
    const SteadyTime start = std::chrono::steady_clock::now();
    const MailOutcome outcome = Send(CallTo(server));
    EXPECT_TRUE(outcome.reply.ok()) << outcome.reply.error().message;
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  }
}

TEST(CurlMail, NobodyListens) {
  int port = 0;
  {
    port = ScriptedServer([](Peer&) {}).port();
  }
  const MailOutcome outcome = Send({.host = "127.0.0.1",
                                    .port = port,
                                    .tls = MailTls::kNone,
                                    .from = "a@example.org",
                                    .recipient = "b@example.org"});
  ASSERT_FALSE(outcome.reply.ok());
  EXPECT_EQ(outcome.reply.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(outcome.phase, MailPhase::kConnect);
  EXPECT_FALSE(outcome.unreached) << "its machine refused";
}

TEST(CurlMail, ANameWithoutAnAddressReachesNobody) {
  const MailOutcome outcome = Send({.host = "mx.invalid",
                                    .port = 25,
                                    .tls = MailTls::kNone,
                                    .from = "a@example.org",
                                    .recipient = "b@example.org"});
  ASSERT_FALSE(outcome.reply.ok());
  EXPECT_TRUE(outcome.unreached);
  EXPECT_EQ(outcome.phase, MailPhase::kConnect);
}

TEST(CurlMail, ACallThatCannotBeMadeIsRefused) {
  const MailCall good = {.host = "localhost",
                         .port = 1,
                         .tls = MailTls::kNone,
                         .from = "a@example.org",
                         .recipient = "b@example.org"};
  std::vector<MailCall> calls(6, good);
  calls[0].recipient = "b@example.org>\r\nRCPT TO:<c@example.org";
  calls[1].from = "a@example.org\r\nDATA";
  calls[2].host = "localhost/x@";
  calls[3].port = 0;
  calls[4].user = "ops";  // no login in clear
  calls[5].recipient = "";
  for (const MailCall& call : calls) {
    const MailOutcome outcome = Send(call);
    ASSERT_FALSE(outcome.reply.ok());
    EXPECT_EQ(outcome.reply.error().code, ErrorCode::kInvalid) << outcome.reply.error().message;
  }
}

TEST(IsMailAddress, TakesPlainOnesOnly) {
  for (const char* good : {"a@b", "first.last+tag@mx-1.example.org", "o'neil@example.org"}) {
    EXPECT_TRUE(IsMailAddress(good)) << good;
  }
  const std::string long_name(65, 'x');
  for (const std::string& bad :
       {std::string(), std::string("a"), std::string("@b"), std::string("a@"), std::string("a b@c"),
        std::string("a@b\r\nc"), std::string("a@b@c"), std::string("<a@b>"), std::string("\"a\"@b"),
        std::string("a@b..c"), std::string(".a@b"), std::string("a..b@c"), std::string("ä@b"),
        std::string("a@-b"), std::string("a\0@b", 4), long_name + "@b"}) {
    EXPECT_FALSE(IsMailAddress(bad)) << bad;
  }
}

}  // namespace
}  // namespace base
