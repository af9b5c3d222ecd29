#include "notifier/telegram/classify.h"

#include <gtest/gtest.h>

namespace notifier {
namespace {

const std::string kPage = "<html><body>502 Bad Gateway at /bot1:SECRETSECRET</body></html>";

Verdict Of(int status, const std::string& body,
           const std::map<std::string, std::string>& headers = {}) {
  return Classify(
      {.reply = base::HttpReply{.status = status, .headers = headers, .body = body}, .sent = true});
}

std::string Refusal(const std::string& description, const std::string& parameters = "") {
  return R"({"ok":false,"error_code":0,"description":")" + description + '"' +
         (parameters.empty() ? "" : R"(,"parameters":)" + parameters) + "}";
}

TEST(TelegramClassify, AMessageIdIsDelivered) {
  const Verdict verdict = Of(200, R"({"ok":true,"result":{"message_id":77,"text":"hot"}})");
  EXPECT_EQ(verdict.result.outcome, Outcome::kDelivered);
  EXPECT_EQ(verdict.result.code, 200);
  EXPECT_EQ(verdict.result.provider_id, "77");
  EXPECT_FALSE(verdict.migrate_to);
  EXPECT_FALSE(verdict.drop_topic);
  EXPECT_EQ(Of(200, R"({"ok":true,"result":{"message_id":0}})").result.provider_id, "");
}

TEST(TelegramClassify, ASuccessOfNobodyKnowsWhomIsAmbiguous) {
  for (const char* body :
       {"", "{}", "[]", "welcome to the hotel", R"({"ok":true})", R"({"ok":1})", R"({"ok":false})",
        R"({"ok":true,"result":[]})", R"({"ok":true,"result":{"message_id":"77"}})",
        R"({"ok":true,"result":{"message_id":7.5}})",
        R"({"ok":true,"result":{"message_id":99999999999999999999}})",
        R"({"ok":true,"result":{"message_id":18446744073709551615}})", R"({"ok":true,"result")"}) {
    const Verdict verdict = Of(200, body);
    EXPECT_EQ(verdict.result.outcome, Outcome::kAmbiguous) << body;
    EXPECT_EQ(verdict.result.provider_id, "");
    EXPECT_FALSE(verdict.result.detail.empty());
  }
}

TEST(TelegramClassify, RefusalsOfTheBotApi) {
  struct Case {
    int status;
    Outcome outcome;
  };
  const Case cases[] = {
      {400, Outcome::kPermanent}, {403, Outcome::kPermanent}, {413, Outcome::kPermanent},
      {401, Outcome::kTemporary}, {404, Outcome::kTemporary}, {409, Outcome::kTemporary},
      {421, Outcome::kTemporary}, {500, Outcome::kTemporary}, {502, Outcome::kTemporary},
      {503, Outcome::kTemporary}, {302, Outcome::kTemporary},
  };
  for (const Case& each : cases) {
    const Verdict verdict = Of(each.status, Refusal("Its words"));
    EXPECT_EQ(verdict.result.outcome, each.outcome) << each.status;
    EXPECT_EQ(verdict.result.code, each.status);
    EXPECT_EQ(verdict.result.detail, "Its words");
    EXPECT_FALSE(verdict.result.retry_after);
    EXPECT_FALSE(verdict.migrate_to);
    EXPECT_FALSE(verdict.drop_topic);
  }
}

TEST(TelegramClassify, AWayThatAPersonHasToMendIsDead) {
  for (const int status : {401, 403, 404}) {
    EXPECT_TRUE(Of(status, Refusal("x")).result.dead) << status;
    EXPECT_FALSE(Of(status, kPage).result.dead) << status << " of somebody else";
  }
  for (const char* words :
       {"Bad Request: chat not found", "Bad Request: group chat was deactivated",
        "Bad Request: bot was kicked from the group chat", "Bad Request: PEER_ID_INVALID",
        "Bad Request: not enough rights to send text messages to the chat",
        "Bad Request: CHAT_WRITE_FORBIDDEN"}) {
    EXPECT_TRUE(Of(400, Refusal(words)).result.dead) << words;
    EXPECT_FALSE(Of(500, Refusal(words)).result.dead) << words;
  }
  EXPECT_FALSE(Of(400, Refusal("Bad Request: message is too long")).result.dead);
  EXPECT_FALSE(Of(413, Refusal("x")).result.dead);
  EXPECT_FALSE(Of(429, Refusal("x")).result.dead);
  EXPECT_FALSE(
      Of(400, Refusal("group chat was deactivated", R"({"migrate_to_chat_id":-5})")).result.dead);
}

TEST(TelegramClassify, WhoReachedNobodySaysSo) {
  const base::Error error{base::ErrorCode::kUnavailable, "no route"};
  EXPECT_TRUE(Classify({.reply = error, .unreached = true}).result.unreached);
  EXPECT_FALSE(Classify({.reply = error}).result.unreached);
}

TEST(TelegramClassify, PagesOfSomebodyElse) {
  struct Case {
    int status;
    Outcome outcome;
  };
  const Case cases[] = {
      {301, Outcome::kTemporary}, {400, Outcome::kTemporary}, {401, Outcome::kTemporary},
      {403, Outcome::kTemporary}, {404, Outcome::kTemporary}, {407, Outcome::kTemporary},
      {413, Outcome::kPermanent}, {500, Outcome::kAmbiguous}, {502, Outcome::kAmbiguous},
      {504, Outcome::kAmbiguous}, {101, Outcome::kAmbiguous}, {0, Outcome::kAmbiguous},
  };
  for (const Case& each : cases) {
    for (const std::string& body : {kPage, std::string(), std::string(R"({"error":"gone"})")}) {
      const Verdict verdict = Of(each.status, body);
      EXPECT_EQ(verdict.result.outcome, each.outcome) << each.status;
      EXPECT_NE(verdict.result.detail.find(std::to_string(each.status)), std::string::npos);
      EXPECT_EQ(verdict.result.detail.find("SECRET"), std::string::npos);
      EXPECT_FALSE(verdict.drop_topic);
    }
  }
}

TEST(TelegramClassify, WaitsAsLongAsToldWithinReason) {
  struct Case {
    const char* parameters;
    const char* header;
    int seconds;
  };
  const Case cases[] = {
      {R"({"retry_after":17})", "5", 17},
      {R"({"retry_after":3601})", "", 3600},
      {R"({"retry_after":9223372036854775807})", "", 3600},
      {R"({"retry_after":0})", "", 1},
      {R"({"retry_after":-4})", "", 1},
      {R"({"retry_after":"x"})", "", 1},
      {R"({})", "30", 30},
      {R"([])", "soon", 1},
      {"", "Wed, 21 Oct 2026 07:28:00 GMT", 1},
      {"", "", 1},
  };
  for (const Case& each : cases) {
    std::map<std::string, std::string> headers;
    if (*each.header != '\0') headers["retry-after"] = each.header;
    const Verdict verdict = Of(429, Refusal("Too Many Requests", each.parameters), headers);
    EXPECT_EQ(verdict.result.outcome, Outcome::kTemporary);
    EXPECT_EQ(verdict.result.retry_after, std::chrono::seconds(each.seconds)) << each.parameters;
  }
  EXPECT_EQ(Of(429, kPage).result.outcome, Outcome::kTemporary);
  EXPECT_EQ(Of(429, kPage).result.retry_after, std::chrono::seconds(1));
}

TEST(TelegramClassify, AMigratedGroupIsFollowed) {
  const Verdict verdict =
      Of(400, Refusal("Bad Request: group chat was upgraded to a supergroup chat",
                      R"({"migrate_to_chat_id":-1001234567890})"));
  EXPECT_EQ(verdict.migrate_to, -1001234567890);
  EXPECT_EQ(verdict.result.outcome, Outcome::kTemporary);
  for (const char* nonsense : {R"({"migrate_to_chat_id":0})", R"({"migrate_to_chat_id":"5"})",
                               R"({"migrate_to_chat_id":1.5})", R"({"migrate_to_chat_id":null})"}) {
    EXPECT_FALSE(Of(400, Refusal("x", nonsense)).migrate_to);
    EXPECT_EQ(Of(400, Refusal("x", nonsense)).result.outcome, Outcome::kPermanent);
  }
  EXPECT_FALSE(Of(403, Refusal("x", R"({"migrate_to_chat_id":-5})")).migrate_to);
}

TEST(TelegramClassify, ATopicThatCannotBeUsedIsDropped) {
  for (const char* words : {"Bad Request: message thread not found", "Bad Request: TOPIC_CLOSED",
                            "Bad Request: TOPIC_DELETED", "Bad Request: TOPIC_ID_INVALID"}) {
    EXPECT_TRUE(Of(400, Refusal(words)).drop_topic) << words;
    EXPECT_EQ(Of(400, Refusal(words)).result.outcome, Outcome::kPermanent);
    EXPECT_FALSE(Of(403, Refusal(words)).drop_topic);
  }
  EXPECT_FALSE(Of(400, Refusal("Bad Request: chat not found")).drop_topic);
}

TEST(TelegramClassify, WithoutAnAnswerItDependsOnWhatWasSent) {
  for (const base::ErrorCode code : {base::ErrorCode::kTimeout, base::ErrorCode::kDenied,
                                     base::ErrorCode::kUnavailable, base::ErrorCode::kFull}) {
    for (const bool sent : {false, true}) {
      const Verdict verdict = Classify({.reply = base::Error{code, "api: why"}, .sent = sent});
      EXPECT_EQ(verdict.result.outcome, sent ? Outcome::kAmbiguous : Outcome::kTemporary);
      EXPECT_EQ(verdict.result.code, 0);
      EXPECT_EQ(verdict.result.detail, "api: why");
    }
  }
}

TEST(TelegramClassify, DetailIsOneShortLineWithoutAToken) {
  const std::string token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
  EXPECT_EQ(Of(404, Refusal("no /bot" + token + R"(/x\n\u00e4)")).result.detail,
            "no /bot(hidden)/x???");
  EXPECT_EQ(Of(400, Refusal(std::string(5000, 'x'))).result.detail.size(), 300U);
  // A token that the end of the line would cut through.
  EXPECT_EQ(Of(400, Refusal(std::string(290, 'x') + token)).result.detail.find("1102"),
            std::string::npos);
  EXPECT_EQ(Of(400, R"({"ok":false,"description":5})").result.detail, "HTTP 400");
}

}  // namespace
}  // namespace notifier
