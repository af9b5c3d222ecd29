#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/curl_client.h"
#include "tests/support/scripted_server.h"

namespace base {
namespace {

using support::Certificate;
using support::Peer;
using support::ScriptedServer;

constexpr char kPassword[] = "correct-horse-battery";
constexpr char kPlainLogin[] = "AG9wcwBjb3JyZWN0LWhvcnNlLWJhdHRlcnk=";  // "\0ops\0", the password

MailCall CallTo(const ScriptedServer& server, const Certificate& certificate) {
  return {.host = "127.0.0.1",
          .port = server.port(),
          .tls = MailTls::kStartTls,
          .user = "ops",
          .password = kPassword,
          .from = "sidecar@example.org",
          .recipient = "admin@example.net",
          .data = "Subject: hot\r\n\r\nhot\r\n",
          .ca_file = certificate.file()};
}

MailOutcome Send(const MailCall& call) { return CurlClient().Mail(call, {}); }

void Ehlo(Peer& peer, const char* feature) {
  peer.Hear();
  peer.Say("250-mx");
  peer.Say(std::string("250 ") + feature);
}

bool UpgradeTls(Peer& peer, const Certificate& certificate) {
  peer.Say("220 mx ready");
  Ehlo(peer, "STARTTLS");
  peer.Hear();
  peer.Say("220 go ahead");
  return peer.StartTls(certificate);
}

void HearLogin(Peer& peer, const char* feature) {
  Ehlo(peer, feature);
  peer.Hear();
  peer.Say("334");
  peer.Hear();
}

void TakeMail(Peer& peer) {
  for (int command = 0; command < 2; ++command) {
    peer.Hear();
    peer.Say("250 ok");
  }
  peer.Hear();
  peer.Say("354 go ahead");
  peer.HearMessage();
  peer.Say("250 queued");
  peer.Hear();
  peer.Say("221 bye");
}

TEST(CurlMailTls, StartTlsThenLoginThenMail) {
  const Certificate certificate("IP:127.0.0.1");
  ScriptedServer server([&](Peer& peer) {
    if (!UpgradeTls(peer, certificate)) return;
    HearLogin(peer, "AUTH GSSAPI NTLM PLAIN");
    peer.Say("235 welcome");
    TakeMail(peer);
  });
  const MailOutcome outcome = Send(CallTo(server, certificate));
  ASSERT_TRUE(outcome.reply.ok()) << outcome.reply.error().message;
  EXPECT_EQ(outcome.reply->code, 250);
  const auto heard = server.Heard();
  ASSERT_GE(heard.size(), 5U);
  EXPECT_EQ(std::vector<std::string>(heard.begin(), heard.begin() + 5),
            (std::vector<std::string>{"EHLO example.org", "STARTTLS", "EHLO example.org",
                                      "AUTH PLAIN", kPlainLogin}));
}

TEST(CurlMailTls, ImplicitTls) {
  const Certificate certificate("IP:127.0.0.1");
  ScriptedServer server([&](Peer& peer) {
    if (!peer.StartTls(certificate)) return;
    peer.Say("220 mx ready");
    Ehlo(peer, "SIZE");
    TakeMail(peer);
  });
  MailCall call = CallTo(server, certificate);
  call.tls = MailTls::kImplicit;
  call.user = "";
  const MailOutcome outcome = Send(call);
  ASSERT_TRUE(outcome.reply.ok()) << outcome.reply.error().message;
  EXPECT_EQ(outcome.reply->code, 250);
}

TEST(CurlMailTls, ARefusedLoginIsAReplyWithoutTheSecret) {
  const Certificate certificate("IP:127.0.0.1");
  ScriptedServer server([&](Peer& peer) {
    if (!UpgradeTls(peer, certificate)) return;
    HearLogin(peer, "AUTH PLAIN");
    peer.Say(std::string("535 5.7.8 wrong password ") + kPassword);
  });
  const MailOutcome outcome = Send(CallTo(server, certificate));
  ASSERT_TRUE(outcome.reply.ok()) << outcome.reply.error().message;
  EXPECT_EQ(outcome.reply->code, 535);
  EXPECT_EQ(outcome.phase, MailPhase::kLogin);
  EXPECT_EQ(outcome.reply->text.find(kPassword), std::string::npos);
}

TEST(CurlMailTls, WithoutStartTlsNothingIsSentInClear) {
  const Certificate certificate("IP:127.0.0.1");
  ScriptedServer server([](Peer& peer) {
    peer.Say("220 mx ready");
    Ehlo(peer, "AUTH PLAIN LOGIN");
    peer.Hang();
  });
  const MailOutcome outcome = Send(CallTo(server, certificate));
  ASSERT_FALSE(outcome.reply.ok());
  EXPECT_EQ(outcome.reply.error().code, ErrorCode::kDenied);
  EXPECT_EQ(outcome.phase, MailPhase::kLogin);
  EXPECT_EQ(server.Heard(), std::vector<std::string>{"EHLO example.org"});
}

struct Distrust {
  const char* what;
  const char* certificate_name;
  bool trusted_ca;
};

class CurlMailDistrust : public testing::TestWithParam<Distrust> {};

TEST_P(CurlMailDistrust, NothingIsSent) {
  const Certificate certificate(GetParam().certificate_name);
  ScriptedServer server([&](Peer& peer) {
    if (UpgradeTls(peer, certificate)) peer.Hear();
  });
  MailCall call = CallTo(server, certificate);
  if (!GetParam().trusted_ca) call.ca_file = "";
  const MailOutcome outcome = Send(call);
  ASSERT_FALSE(outcome.reply.ok());
  EXPECT_EQ(outcome.reply.error().code, ErrorCode::kDenied) << outcome.reply.error().message;
  EXPECT_EQ(outcome.phase, MailPhase::kLogin);
  EXPECT_EQ(server.Heard(), (std::vector<std::string>{"EHLO example.org", "STARTTLS"}));
}

INSTANTIATE_TEST_SUITE_P(Certificates, CurlMailDistrust,
                         testing::Values(Distrust{"signed by itself", "IP:127.0.0.1", false},
                                         Distrust{"of another host", "DNS:mx.example.com", true}));

TEST(CurlMailTls, AnUnreadableCaFileIsNamed) {
  const Certificate certificate("IP:127.0.0.1");
  ScriptedServer server([&](Peer& peer) { UpgradeTls(peer, certificate); });
  MailCall call = CallTo(server, certificate);
  call.ca_file = "/nonexistent/ca.pem";
  const MailOutcome outcome = Send(call);
  ASSERT_FALSE(outcome.reply.ok());
  EXPECT_NE(outcome.reply.error().message.find(call.ca_file), std::string::npos)
      << outcome.reply.error().message;
}

}  // namespace
}  // namespace base
