#include "notifier/email/email_channel.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "tests/support/temp_dir.h"

namespace notifier {
namespace {

class EmailChannelTest : public testing::Test {
 protected:
  EmailChannelTest() { folder.Write("password", "first\n"); }

  EmailOptions Options(const std::string& user) {
    return {.server = {.host = "mx", .port = 587, .tls = base::MailTls::kStartTls, .user = user},
            .from = "sidecar@example.org",
            .password_file = folder.File("password"),
            .ca_file = "ca.pem",
            .phase_timeout = base::Millis(1000),
            .accept_timeout = base::Millis(60'000)};
  }
  SendResult Send(EmailChannel& channel, const std::string& target = "admin@example.net",
                  const Attempt& attempt = {}) {
    return channel.Send(
        {.key = "k", .channel = "email", .target = target, .subject = "hot", .text = "hot"},
        attempt, {});
  }
  SendMail Network() {
    return [this](const base::MailCall& call, const std::stop_token&) {
      calls.push_back(call);
      return outcome;
    };
  }

  support::TempDir folder;
  std::vector<base::MailCall> calls;
  base::MailOutcome outcome = {.reply = base::MailReply{.code = 250, .text = "queued"},
                               .phase = base::MailPhase::kAfterData};
};

TEST_F(EmailChannelTest, HandsOverTheWholeCall) {
  EmailChannel channel(Options("ops"), Network());
  const SendResult result = Send(channel);
  EXPECT_EQ(result.outcome, Outcome::kDelivered);
  EXPECT_EQ(result.code, 250);
  EXPECT_EQ(result.detail, "queued");
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].host, "mx");
  EXPECT_EQ(calls[0].port, 587);
  EXPECT_EQ(calls[0].tls, base::MailTls::kStartTls);
  EXPECT_EQ(calls[0].user, "ops");
  EXPECT_EQ(calls[0].password, "first");
  EXPECT_EQ(calls[0].from, "sidecar@example.org");
  EXPECT_EQ(calls[0].recipient, "admin@example.net");
  EXPECT_EQ(calls[0].ca_file, "ca.pem");
  EXPECT_EQ(calls[0].phase_timeout, base::Millis(1000));
  EXPECT_EQ(calls[0].accept_timeout, base::Millis(60'000));
  EXPECT_NE(calls[0].data.find("Subject: hot\r\n"), std::string::npos);
}

TEST_F(EmailChannelTest, ARepeatIsMarked) {
  EmailChannel channel(Options(""), Network());
  Send(channel, "admin@example.net", {.number = 2, .possible_repeat = true});
  EXPECT_NE(calls.at(0).data.find("Subject: [possible repeat] hot\r\n"), std::string::npos);
}

TEST_F(EmailChannelTest, ARotatedPasswordIsUsedAtOnce) {
  EmailChannel channel(Options("ops"), Network());
  Send(channel);
  folder.Write("password", "second\n");
  Send(channel);
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[1].password, "second");
}

TEST_F(EmailChannelTest, AMissingPasswordFileIsNamedAndTriedAgain) {
  EmailChannel channel(Options("ops"), Network());
  folder.Remove("password");
  const SendResult result = Send(channel);
  EXPECT_EQ(result.outcome, Outcome::kTemporary);
  EXPECT_NE(result.detail.find(folder.File("password")), std::string::npos) << result.detail;
  EXPECT_TRUE(calls.empty());
}

TEST_F(EmailChannelTest, WithoutAUserNoPasswordIsRead) {
  EmailChannel channel(Options(""), Network());
  folder.Remove("password");
  EXPECT_EQ(Send(channel).outcome, Outcome::kDelivered);
  EXPECT_EQ(calls.at(0).password, "");
}

TEST_F(EmailChannelTest, ABadRecipientIsFinalAndNeverSent) {
  EmailChannel channel(Options(""), Network());
  for (const char* target : {"", "admin", "a@b\r\nRCPT TO:<c@d>"}) {
    EXPECT_EQ(Send(channel, target).outcome, Outcome::kPermanent) << target;
  }
  EXPECT_TRUE(calls.empty());
}

TEST_F(EmailChannelTest, GivesTheOutcomeOfTheNetwork) {
  EmailChannel channel(Options(""), Network());
  outcome = {.reply = base::Error{base::ErrorCode::kTimeout, "no answer"},
             .phase = base::MailPhase::kAfterData};
  EXPECT_EQ(Send(channel).outcome, Outcome::kAmbiguous);
  outcome.phase = base::MailPhase::kGreeting;
  EXPECT_EQ(Send(channel).outcome, Outcome::kTemporary);
}

TEST_F(EmailChannelTest, TheLongestSendCoversEveryPhase) {
  const EmailChannel channel(Options(""), Network());
  EXPECT_EQ(channel.name(), "email");
  EXPECT_EQ(channel.LongestSend(), base::LongestMail(base::Millis(1000), base::Millis(60'000)));
  EXPECT_GE(channel.LongestSend(), base::Millis(70'000));
}

}  // namespace
}  // namespace notifier
