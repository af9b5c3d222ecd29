#include "base/mail_talk.h"

#include <gtest/gtest.h>

namespace base {
namespace {

constexpr Millis kPhase(1000);
constexpr Millis kAccept(60'000);
const SteadyTime kStart{};

struct MailTalkTest : testing::Test {
  void UpTo(MailPhase phase) {
    using enum MailPhase;
    if (phase >= kGreeting) talk.Received("220 mx ready\r\n");
    if (phase >= kLogin) Say("EHLO here\r\n", "250 mx\r\n");
    if (phase >= kSender) Say("MAIL FROM:<a@b.c>\r\n", "250 ok\r\n");
    if (phase >= kRecipient) Say("RCPT TO:<d@e.f>\r\n", "250 ok\r\n");
    if (phase >= kData) Say("DATA\r\n", "354 go\r\n");
    if (phase >= kAfterData) talk.SentAll(now);
  }
  void Say(const char* command, const char* answer) {
    talk.Sent(command, now);
    talk.Received(answer);
  }

  SteadyTime now = kStart;
  MailTalk talk{kPhase, kAccept, kStart};
};

TEST_F(MailTalkTest, EachCommandBeginsItsPhase) {
  EXPECT_EQ(talk.phase(), MailPhase::kConnect);
  talk.Connected();
  EXPECT_EQ(talk.phase(), MailPhase::kGreeting);
  for (const MailPhase phase : {MailPhase::kLogin, MailPhase::kSender, MailPhase::kRecipient,
                                MailPhase::kData, MailPhase::kAfterData}) {
    UpTo(phase);
    EXPECT_EQ(talk.phase(), phase) << DescribePhase(phase);
  }
}

TEST_F(MailTalkTest, LineOfALoginIsNoCommand) {
  UpTo(MailPhase::kLogin);
  Say("AUTH LOGIN\r\n", "334 UGFzc3dvcmQ6\r\n");
  talk.Sent("DATA\r\n", now);
  EXPECT_EQ(talk.phase(), MailPhase::kLogin);
}

TEST_F(MailTalkTest, OnlyARefusalOrTheLastAcceptanceDecides) {
  UpTo(MailPhase::kData);
  EXPECT_FALSE(talk.Verdict());
  talk.SentAll(now);
  EXPECT_FALSE(talk.Verdict()) << "the 354 is not an answer to the message";
  talk.Received("250 2.0.0 queued as 4711\r\n");
  ASSERT_TRUE(talk.Verdict());
  EXPECT_EQ(talk.Verdict()->code, 250);
  EXPECT_EQ(talk.Verdict()->text, "2.0.0 queued as 4711");
}

TEST_F(MailTalkTest, ARefusalOfAnEarlierCommandIsForgotten) {
  UpTo(MailPhase::kGreeting);
  Say("EHLO here\r\n", "502 what\r\n");
  EXPECT_TRUE(talk.Verdict());
  talk.Sent("HELO here\r\n", now);
  EXPECT_FALSE(talk.Verdict());
}

TEST_F(MailTalkTest, LinesOfALongAnswerAreJoined) {
  UpTo(MailPhase::kSender);
  talk.Sent("RCPT TO:<d@e.f>\r\n", now);
  talk.Received("550-5.1.1 no such\r\n");
  EXPECT_FALSE(talk.Verdict()) << "more is announced";
  talk.Received("550 5.1.1 mailbox\x01\x80here\r\n");
  EXPECT_EQ(talk.Verdict()->text, "5.1.1 no such 5.1.1 mailbox??here");
  talk.Received("550 " + std::string(5000, 'x'));
  EXPECT_EQ(talk.Verdict()->text.size(), 200U);
}

TEST_F(MailTalkTest, NonsenseIsNoAnswer) {
  UpTo(MailPhase::kAfterData);
  for (const char* line : {"", "25", "ok then\r\n", "2x0 ok\r\n"}) talk.Received(line);
  EXPECT_FALSE(talk.Verdict());
  talk.Received("354 again\r\n");
  EXPECT_FALSE(talk.Verdict()) << "neither accepted nor refused";
}

TEST_F(MailTalkTest, TheGoodbyeChangesNoVerdict) {
  UpTo(MailPhase::kAfterData);
  talk.Received("452 full\r\n");
  Say("QUIT\r\n", "221 bye\r\n");
  EXPECT_EQ(talk.Verdict()->code, 452);
  EXPECT_EQ(talk.phase(), MailPhase::kAfterData);
}

TEST_F(MailTalkTest, EachWaitHasItsBound) {
  EXPECT_FALSE(talk.Overdue(now + kPhase - Millis(1)));
  EXPECT_TRUE(talk.Overdue(now + kPhase));

  now += kPhase / 2;
  UpTo(MailPhase::kRecipient);
  EXPECT_FALSE(talk.Overdue(now + kPhase - Millis(1))) << "counted from the last command";
  now += kPhase / 2;
  Say("DATA\r\n", "354 go\r\n");
  talk.SentPart(now + Millis(10));
  EXPECT_TRUE(talk.Overdue(now + Millis(10) + kPhase));

  talk.SentAll(now);
  EXPECT_FALSE(talk.Overdue(now + kAccept - Millis(1)));
  EXPECT_TRUE(talk.Overdue(now + kAccept));
  talk.Sent("QUIT\r\n", now);
  EXPECT_TRUE(talk.Overdue(now + Millis(500)));
}

TEST_F(MailTalkTest, FurtherLinesOfAnAnswerBuyNoTime) {
  UpTo(MailPhase::kGreeting);
  talk.Sent("EHLO here\r\n", now);
  talk.Received("250-still here\r\n");
  EXPECT_TRUE(talk.Overdue(now + kPhase));
}

}  // namespace
}  // namespace base
