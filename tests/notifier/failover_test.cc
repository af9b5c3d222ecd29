#include "notifier/failover.h"

#include <gtest/gtest.h>

#include "notifier/lead.h"
#include "notifier/parts.h"

namespace notifier {
namespace {

const std::vector<Recipient> kEverybody = {
    {"email", "a@example.org"}, {"telegram", "-100"}, {"telegram", "7/2"}};

Claimed Lost(const std::string& channel, const std::string& target) {
  return {.id = 1,
          .message = {.key = "k-1",
                      .channel = channel,
                      .target = target,
                      .thread = "episode",
                      .subject = "[FIRING] Hot",
                      .text = "FIRING: Hot\n",
                      .bold = {{0, 11}},
                      .html = "<html><body><h2>Hot</h2></body></html>",
                      .severity = "critical",
                      .urgent = true,
                      .created_at_ms = 500}};
}

Settlement Refused(int code, const std::string& detail, State state = State::kFailed) {
  return {.state = state, .result = {.code = code, .detail = detail, .dead = true}};
}

TEST(Notices, ADeadChatIsToldToTheMailbox) {
  const auto notices =
      Notices(Lost("telegram", "-100"), Refused(403, "Forbidden: bot was kicked"), kEverybody, 900);
  ASSERT_EQ(notices.size(), 1U) << "the other chat is no other channel";
  const Message& brief = notices[0].brief;
  EXPECT_EQ(brief.channel, "email");
  EXPECT_EQ(brief.target, "a@example.org");
  EXPECT_EQ(brief.key, "notice-k-1-t1-0");
  EXPECT_EQ(notices[0].reason, "Telegram chat -100 refuses messages: 403 ");
  EXPECT_EQ(brief.thread, "notice-telegram--100");
  EXPECT_EQ(brief.created_at_ms, 900);
  EXPECT_EQ(brief.text,
            "Telegram chat -100 refuses messages: 403 Forbidden: bot was kicked.\n"
            "Not delivered there: [FIRING] Hot\n"
            "You still get alerts here; mend it: let the bot into the chat again, or name another "
            "chat.\n");
  ASSERT_EQ(notices[0].whole.size(), 1U);
  const Message& whole = notices[0].whole[0];
  EXPECT_EQ(whole.text,
            "Telegram chat -100 refuses messages: 403 Forbidden: bot was kicked.\n\nFIRING: Hot\n");
  EXPECT_EQ(whole.key, "notice-k-1-0");
  EXPECT_EQ(whole.thread, "episode");
  EXPECT_EQ(whole.subject, "[FIRING] Hot");
  EXPECT_TRUE(whole.urgent);
  EXPECT_NE(whole.html.find("<body><p><strong>Telegram chat"), std::string::npos);
}

TEST(Notices, ALaterTryMakesAnotherBriefOneOfTheSameNews) {
  Claimed lost = Lost("telegram", "-100");
  lost.attempt.number = 3;
  const auto notices = Notices(lost, Refused(401, "Unauthorized"), kEverybody, 900);
  EXPECT_EQ(notices.at(0).brief.key, "notice-k-1-t3-0");
  EXPECT_EQ(notices[0].whole.at(0).key, "notice-k-1-0");
}

TEST(Notices, ADeadMailboxIsToldToEveryChat) {
  const auto notices = Notices(Lost("email", "a@example.org"),
                               Refused(535, "no such login", State::kRetrying), kEverybody, 900);
  ASSERT_EQ(notices.size(), 2U) << "also while it is retried";
  EXPECT_EQ(notices[0].brief.target, "-100");
  EXPECT_EQ(notices[1].brief.target, "7/2");
  EXPECT_NE(notices[0].brief.key, notices[1].brief.key);
  EXPECT_NE(notices[0].brief.text.find("Mailbox a@example.org refuses messages: 535 no such login"),
            std::string::npos);
  EXPECT_EQ(notices[0].whole[0].html, "") << "as its channel takes it";
}

TEST(Notices, WhatTheOtherChannelCannotTakeInOneComesInParts) {
  Claimed lost = Lost("email", "a@example.org");
  lost.message.text = std::string(6'000, 'x');
  lost.message.bold.clear();
  const auto notices = Notices(lost, Refused(550, "no"), kEverybody, 900);
  EXPECT_EQ(notices.at(0).whole.size(), 2U);
  EXPECT_NE(notices[0].whole[0].key, notices[0].whole[1].key);
}

TEST(Notices, WhatIsGivenUpIsTold) {
  const Settlement expired{.state = State::kExpired, .result = {.detail = "timed out"}};
  const auto of_time = Notices(Lost("telegram", "-100"), expired, kEverybody, 900);
  ASSERT_EQ(of_time.size(), 1U);
  EXPECT_NE(of_time[0].brief.text.find("until its time was over, the last word was: timed out"),
            std::string::npos);
  EXPECT_EQ(of_time[0].brief.text.find("mend it"), std::string::npos);
  const Settlement failed{.state = State::kFailed, .result = {.code = 413, .detail = "too long"}};
  EXPECT_EQ(Notices(Lost("telegram", "-100"), failed, kEverybody, 900).size(), 1U);
}

TEST(Notices, NobodyIsToldOfWhatMendsItselfOrOfANotice) {
  const Settlement retrying{.state = State::kRetrying, .result = {.detail = "busy"}};
  EXPECT_TRUE(Notices(Lost("telegram", "-100"), retrying, kEverybody, 900).empty());
  EXPECT_TRUE(Notices(Lost("telegram", "-100"), {}, kEverybody, 900).empty());
  Claimed notice = Lost("telegram", "-100");
  notice.message.key = "notice-k-1-0";
  EXPECT_TRUE(Notices(notice, Refused(403, "x"), kEverybody, 900).empty()) << "no ping-pong";
  EXPECT_TRUE(Notices(Lost("email", "a"), Refused(550, "x"), {{"email", "b"}}, 900).empty())
      << "there is no other channel";
}

TEST(LeadWith, KeepsWhatIsBold) {
  Message message = Lost("email", "a").message;
  LeadWith("a < b", &message);
  EXPECT_EQ(message.text, "a < b\n\nFIRING: Hot\n");
  ASSERT_EQ(message.bold.size(), 2U);
  EXPECT_EQ(message.text.substr(message.bold[0].begin, message.bold[0].end), "a < b");
  EXPECT_EQ(message.text.substr(message.bold[1].begin, 11), "FIRING: Hot");
  EXPECT_EQ(message.html,
            "<html><body><p><strong>a &lt; b</strong></p>\n<h2>Hot</h2></body></html>");
}

TEST(MarkOvertaken, SaysItInTheFirstWords) {
  Message message = Lost("telegram", "-100").message;
  message.html.clear();
  MarkOvertaken(0, &message);
  EXPECT_EQ(message.subject, "[earlier episode] [FIRING] Hot");
  EXPECT_EQ(message.text,
            "About an earlier episode: this alert fires again since 1970-01-01T00:00:00.000Z.\n\n"
            "FIRING: Hot\n");
  EXPECT_EQ(message.html, "");
}

}  // namespace
}  // namespace notifier
