#include "notifier/email/classify.h"

#include <gtest/gtest.h>

#include "base/mail_talk.h"

namespace notifier {
namespace {

using base::MailPhase;

SendResult OfReply(int code, MailPhase phase) {
  return Classify({.reply = base::MailReply{.code = code, .text = "said"}, .phase = phase});
}

SendResult OfError(base::ErrorCode code, MailPhase phase) {
  return Classify({.reply = base::Error{code, "why"}, .phase = phase});
}

TEST(Classify, Replies) {
  using enum MailPhase;
  struct Case {
    int code;
    MailPhase phase;
    Outcome outcome;
  };
  const Case cases[] = {
      {250, kAfterData, Outcome::kDelivered},
      {251, kAfterData, Outcome::kDelivered},
      {421, kGreeting, Outcome::kTemporary},
      {450, kRecipient, Outcome::kTemporary},
      {451, kAfterData, Outcome::kTemporary},
      {452, kData, Outcome::kTemporary},
      // About this message or mailbox: another try cannot help.
      {550, kRecipient, Outcome::kPermanent},
      {554, kData, Outcome::kPermanent},
      {552, kAfterData, Outcome::kPermanent},
      // About the server or our settings: someone will mend them.
      {554, kGreeting, Outcome::kTemporary},
      {502, kLogin, Outcome::kTemporary},
      {535, kLogin, Outcome::kTemporary},
      {553, kSender, Outcome::kTemporary},
      {530, kSender, Outcome::kTemporary},
      {530, kRecipient, Outcome::kTemporary},
      {535, kAfterData, Outcome::kTemporary},
      {538, kData, Outcome::kTemporary},
  };
  for (const Case& each : cases) {
    const SendResult result = OfReply(each.code, each.phase);
    EXPECT_EQ(result.outcome, each.outcome) << each.code << " " << base::DescribePhase(each.phase);
    EXPECT_EQ(result.code, each.code);
    EXPECT_EQ(result.detail, "said");
    EXPECT_FALSE(result.retry_after);
  }
}

TEST(Classify, NoReplyIsTemporaryUntilTheDotIsSent) {
  using enum MailPhase;
  for (const base::ErrorCode code : {base::ErrorCode::kTimeout, base::ErrorCode::kUnavailable,
                                     base::ErrorCode::kDenied, base::ErrorCode::kInvalid}) {
    for (const MailPhase phase : {kConnect, kGreeting, kLogin, kSender, kRecipient, kData}) {
      EXPECT_EQ(OfError(code, phase).outcome, Outcome::kTemporary);
    }
    EXPECT_EQ(OfError(code, kAfterData).outcome, Outcome::kAmbiguous);
  }
  EXPECT_EQ(OfError(base::ErrorCode::kTimeout, kData).code, 0);
  EXPECT_EQ(OfError(base::ErrorCode::kTimeout, kData).detail, "why");
}

TEST(Classify, AWayThatAPersonHasToMendIsDead) {
  using enum MailPhase;
  for (const MailPhase phase : {kLogin, kSender, kRecipient}) {
    EXPECT_TRUE(OfReply(550, phase).dead) << base::DescribePhase(phase);
    EXPECT_FALSE(OfReply(451, phase).dead) << base::DescribePhase(phase);
  }
  EXPECT_TRUE(OfReply(530, kData).dead) << "it asks for a login";
  EXPECT_FALSE(OfReply(554, kGreeting).dead);
  EXPECT_FALSE(OfReply(552, kAfterData).dead) << "about this message";
  EXPECT_FALSE(OfReply(250, kAfterData).dead);
}

TEST(Classify, WhoReachedNobodySaysSo) {
  const base::Error error{base::ErrorCode::kUnavailable, "no route"};
  EXPECT_TRUE(Classify({.reply = error, .unreached = true}).unreached);
  EXPECT_FALSE(Classify({.reply = error}).unreached);
}

TEST(Classify, DetailIsOneShortLine) {
  const SendResult result =
      Classify({.reply = base::Error{base::ErrorCode::kIo, "a\r\nb\xff" + std::string(5000, 'x')},
                .phase = MailPhase::kConnect});
  EXPECT_EQ(result.detail.substr(0, 6), "a??b?x");
  EXPECT_EQ(result.detail.size(), 300U);
}

TEST(OutcomeName, IsTheMetricLabel) {
  EXPECT_EQ(OutcomeName(Outcome::kDelivered), "delivered");
  EXPECT_EQ(OutcomeName(Outcome::kTemporary), "temporary");
  EXPECT_EQ(OutcomeName(Outcome::kPermanent), "permanent");
  EXPECT_EQ(OutcomeName(Outcome::kAmbiguous), "ambiguous");
  EXPECT_EQ(OutcomeName(Outcome::kElsewhere), "elsewhere");
  EXPECT_EQ(OutcomeName(Outcome::kOffline), "offline");
  EXPECT_EQ(OutcomeName(Outcome::kWaiting), "waiting");
}

}  // namespace
}  // namespace notifier
