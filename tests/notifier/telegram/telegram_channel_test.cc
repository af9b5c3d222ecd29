#include "notifier/telegram/telegram_channel.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "tests/support/log_pipe.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace notifier {
namespace {

using base::Millis;
using nlohmann::json;

const std::string kSecret = "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
const std::string kToken = "110201543:" + kSecret;

base::HttpOutcome Answer(int status, const std::string& body) {
  return {.reply = base::HttpReply{.status = status, .body = body}, .sent = true};
}

base::HttpOutcome Refusal(int status, const std::string& description,
                          const std::string& parameters = "{}") {
  return Answer(status, R"({"ok":false,"description":")" + description + R"(","parameters":)" +
                            parameters + "}");
}

const base::HttpOutcome kAccepted = Answer(200, R"({"ok":true,"result":{"message_id":77}})");
const base::HttpOutcome kMigrated = Refusal(400, "upgraded", R"({"migrate_to_chat_id":-1005})");
const base::HttpOutcome kNoTopic = Refusal(400, "Bad Request: message thread not found");

class TelegramChannelTest : public testing::Test {
 protected:
  TelegramChannelTest() { folder.Write("token", kToken + "\n"); }

  TelegramOptions Options() {
    return {.api_url = "http://api:8081/",
            .token_file = folder.File("token"),
            .proxy = "socks5h://proxy:1080",
            .ca_file = "ca.pem",
            .silent_severities = {"warning"},
            .timeout = Millis(1000)};
  }
  // Gives the answers in turn, the last of them on and on.
  SendHttp Network() {
    return [this](const base::HttpCall& call, const std::stop_token&) {
      calls.push_back(call);
      clock.Advance(passes);
      return answers.at(std::min(calls.size(), answers.size()) - 1);
    };
  }
  SendResult Send(const std::string& target = "-5", const Attempt& attempt = {}) {
    return channel.Send({.key = "k", .target = target, .text = "hot"}, attempt, stop.get_token());
  }
  json Body(std::size_t call) { return json::parse(calls.at(call).body); }

  support::TempDir folder;
  support::ManualClock clock;
  Millis passes{60'000};  // the clock's, per call: nobody waits for a turn unless a test wants it
  std::stop_source stop;
  std::vector<base::HttpCall> calls;
  std::vector<base::HttpOutcome> answers = {kAccepted};
  TelegramChannel channel{Options(), Network(), &clock};
};

TEST_F(TelegramChannelTest, HandsOverTheWholeCall) {
  const SendResult result = channel.Send(
      {.target = "-5/42", .text = "hot", .bold = {{0, 3}}, .severity = "critical"}, {}, {});
  EXPECT_EQ(result.outcome, Outcome::kDelivered);
  EXPECT_EQ(result.code, 200);
  EXPECT_EQ(result.provider_id, "77");
  EXPECT_EQ(result.detail, "accepted");
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].method, "POST");
  EXPECT_EQ(calls[0].url, "http://api:8081/bot" + kToken + "/sendMessage");
  EXPECT_EQ(calls[0].headers.at("Content-Type"), "application/json");
  EXPECT_EQ(calls[0].timeout, Millis(1000));
  EXPECT_EQ(calls[0].ca_file, "ca.pem");
  EXPECT_EQ(calls[0].proxy, "socks5h://proxy:1080");
  EXPECT_EQ(Body(0)["chat_id"], -5);
  EXPECT_EQ(Body(0)["message_thread_id"], 42);
  EXPECT_EQ(Body(0)["disable_notification"], false);
  EXPECT_EQ(Body(0)["entities"].size(), 1U);
}

TEST_F(TelegramChannelTest, SomeSeveritiesMakeNoSound) {
  (void)channel.Send({.target = "-5", .text = "warm", .severity = "warning"}, {}, {});
  EXPECT_EQ(Body(0)["disable_notification"], true);
}

TEST_F(TelegramChannelTest, RepliesAndMarksARepeat) {
  (void)Send("-5", {.number = 2, .possible_repeat = true, .reply_to = "70"});
  EXPECT_EQ(Body(0)["reply_parameters"]["message_id"], 70);
  EXPECT_NE(Body(0)["text"].get<std::string>().find("possible repeat"), std::string::npos);
}

TEST_F(TelegramChannelTest, ABadTargetIsFinalAndNeverSent) {
  for (const char* target : {"", "admin@example.org", "5/x"}) {
    EXPECT_EQ(Send(target).outcome, Outcome::kPermanent) << target;
  }
  EXPECT_TRUE(calls.empty());
}

TEST_F(TelegramChannelTest, ARotatedTokenIsUsedAtOnce) {
  (void)Send();
  folder.Write("token", "2:" + kSecret + "\n");
  (void)Send();
  EXPECT_EQ(calls.at(1).url, "http://api:8081/bot2:" + kSecret + "/sendMessage");
}

TEST_F(TelegramChannelTest, ATokenThatCannotBeReadOrIsNoneIsNamedByItsFileAndTriedAgain) {
  for (const std::string& text : {std::string(), kSecret, "1:" + kSecret + "/x", kToken + "\n2"}) {
    folder.Write("token", text);
    const SendResult result = Send();
    EXPECT_EQ(result.outcome, Outcome::kTemporary);
    EXPECT_NE(result.detail.find(folder.File("token")), std::string::npos) << result.detail;
    EXPECT_EQ(result.detail.find("AAHd"), std::string::npos) << result.detail;
  }
  folder.Remove("token");
  EXPECT_EQ(Send().outcome, Outcome::kTemporary);
  EXPECT_TRUE(calls.empty());
}

TEST_F(TelegramChannelTest, GivesTheOutcomeOfTheNetwork) {
  answers = {{.reply = base::Error{base::ErrorCode::kTimeout, "api: no answer"}, .sent = true},
             {.reply = base::Error{base::ErrorCode::kUnavailable, "api: refused"}},
             Refusal(400, "Bad Request: chat not found"),
             Answer(502, "<html>")};
  EXPECT_EQ(Send().outcome, Outcome::kAmbiguous);
  EXPECT_EQ(Send().outcome, Outcome::kTemporary);
  EXPECT_EQ(Send().outcome, Outcome::kPermanent);
  EXPECT_EQ(Send().outcome, Outcome::kAmbiguous);
  EXPECT_EQ(calls.size(), 4U);
}

TEST_F(TelegramChannelTest, AMigratedGroupIsFollowedAtOnceAndRemembered) {
  answers = {kMigrated, kAccepted};
  const SendResult result = Send("-5/42", {.reply_to = "70"});
  EXPECT_EQ(result.outcome, Outcome::kDelivered);
  EXPECT_EQ(result.detail, "accepted; the group is now -1005");
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(Body(0)["chat_id"], -5);
  EXPECT_EQ(Body(1)["chat_id"], -1005);
  EXPECT_EQ(Body(1)["message_thread_id"], 42);
  EXPECT_FALSE(Body(1).contains("reply_parameters"));  // another message has that id there

  (void)Send("-5", {.reply_to = "70"});
  (void)Send("-6");
  ASSERT_EQ(calls.size(), 4U);
  EXPECT_EQ(Body(2)["chat_id"], -1005);
  EXPECT_FALSE(Body(2).contains("reply_parameters"));
  EXPECT_EQ(Body(3)["chat_id"], -6);
}

TEST_F(TelegramChannelTest, AMigrationIsLoggedOnce) {
  support::LogPipe pipe;
  base::log::Start(base::log::Level::kDebug, base::log::Format::kLogfmt);
  answers = {kMigrated, kAccepted};
  (void)Send();
  (void)Send();
  const std::string log = pipe.StopAndRead();
  const std::size_t line = log.find("telegram_chat_migrated chat=-5 now=-1005");
  EXPECT_NE(line, std::string::npos) << log;
  EXPECT_EQ(log.find("telegram_chat_migrated", line + 1), std::string::npos) << log;
  EXPECT_EQ(log.find("AAHd"), std::string::npos) << log;
}

TEST_F(TelegramChannelTest, AMissingTopicIsLeftOutAtOnce) {
  answers = {kNoTopic, kAccepted};
  const SendResult result = Send("-5/42", {.reply_to = "70"});
  EXPECT_EQ(result.outcome, Outcome::kDelivered);
  EXPECT_EQ(result.detail,
            "accepted; sent without its topic (Bad Request: message thread not found)");
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_FALSE(Body(1).contains("message_thread_id"));
  EXPECT_FALSE(Body(1).contains("reply_parameters"));
}

TEST_F(TelegramChannelTest, WithoutATopicThereIsNothingToLeaveOut) {
  answers = {kNoTopic};
  EXPECT_EQ(Send("-5").outcome, Outcome::kPermanent);
  EXPECT_EQ(calls.size(), 1U);
}

TEST_F(TelegramChannelTest, ThreeCallsAreTheMost) {
  answers = {kMigrated, kNoTopic, kMigrated};
  EXPECT_EQ(Send("-5/42").outcome, Outcome::kTemporary);
  EXPECT_EQ(calls.size(), 3U);
  calls.clear();
  answers = {kNoTopic};
  EXPECT_EQ(Send("-5/42").outcome, Outcome::kPermanent);
  EXPECT_EQ(calls.size(), 2U);
  calls.clear();
  answers = {kMigrated};
  EXPECT_EQ(Send("-6").outcome, Outcome::kTemporary);
  EXPECT_EQ(calls.size(), 2U);
}

TEST_F(TelegramChannelTest, AChatThatAskedForAPauseIsLeftAlone) {
  passes = Millis(0);
  answers = {Refusal(429, "Too Many Requests", R"({"retry_after":60})"), kAccepted};
  EXPECT_EQ(Send("-5").retry_after, Millis(60'000));
  clock.Advance(Millis(20'000));
  const SendResult early = Send("-5/7");
  EXPECT_EQ(early.outcome, Outcome::kTemporary);
  EXPECT_EQ(early.retry_after, Millis(40'000));
  EXPECT_EQ(calls.size(), 1U);
  EXPECT_EQ(Send("-6").outcome, Outcome::kDelivered);  // another chat does not wait
  clock.Advance(Millis(40'000));
  EXPECT_EQ(Send("-5").outcome, Outcome::kDelivered);
  EXPECT_EQ(calls.size(), 3U);
}

TEST_F(TelegramChannelTest, WaitsItsTurn) {
  passes = Millis(0);
  for (int i = 0; i < Pacing::kChatBurst; ++i) (void)Send("4711");
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(Send("4711").outcome, Outcome::kDelivered);
  EXPECT_GE(std::chrono::steady_clock::now() - start, Pacing::kChatInterval);
}

TEST_F(TelegramChannelTest, OnlyWhatMayHaveBeenSentTakesATurn) {
  passes = Millis(0);
  answers = {{.reply = base::Error{base::ErrorCode::kUnavailable, "api: refused"}}};
  for (int i = 0; i < 10; ++i) (void)Send("4711");
  EXPECT_EQ(calls.size(), 10U);
}

TEST_F(TelegramChannelTest, AStopEndsTheWaitForATurnAndNothingIsSent) {
  passes = Millis(0);
  for (int i = 0; i < Pacing::kChatBurst; ++i) (void)Send("4711");
  stop.request_stop();
  const SendResult result = Send("4711");
  EXPECT_EQ(result.outcome, Outcome::kTemporary);
  EXPECT_EQ(calls.size(), static_cast<std::size_t>(Pacing::kChatBurst));
}

TEST_F(TelegramChannelTest, NothingThatComesBackTellsTheToken) {
  const std::string url = "http://api:8081/bot" + kToken + "/sendMessage";
  answers = {Refusal(404, "no " + url),
             Refusal(404, "secret " + kSecret),
             Refusal(400, "thread " + kSecret.substr(3, 20)),
             Answer(502, url),
             {.reply = base::Error{base::ErrorCode::kUnavailable, "cannot reach " + url}}};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const SendResult result = Send("-5/42");
    for (std::size_t at = 0; at + 8 <= kSecret.size(); ++at) {
      EXPECT_EQ(result.detail.find(kSecret.substr(at, 8)), std::string::npos) << result.detail;
    }
    EXPECT_FALSE(result.detail.empty());
  }
}

TEST_F(TelegramChannelTest, TheLongestSendCoversThreeCallsAndTheirWaits) {
  EXPECT_EQ(channel.name(), "telegram");
  EXPECT_GE(channel.LongestSend(), 3 * (Millis(1000) + TelegramChannel::kLongestTurn));
  EXPECT_GE(TelegramChannel::kLongestTurn, Pacing::kGroupInterval);
}

}  // namespace
}  // namespace notifier
