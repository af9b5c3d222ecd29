#include "notifier/telegram/token.h"

#include <gtest/gtest.h>

namespace notifier {
namespace {

const std::string kSecret = "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw_-";
const std::string kToken = "110201543:" + kSecret;

TEST(BotToken, HasAForm) {
  EXPECT_TRUE(IsBotToken(kToken));
  EXPECT_TRUE(IsBotToken("1:" + std::string(30, 'a')));
  for (const std::string& text :
       {std::string(), std::string("1:"), ":" + kSecret, "110201543" + kSecret, "x:" + kSecret,
        "1:" + std::string(29, 'a'), kToken + " ", kToken + "/", " " + kToken, "1:" + kToken}) {
    EXPECT_FALSE(IsBotToken(text)) << text;
  }
}

TEST(BotToken, IsHiddenInAnyText) {
  EXPECT_EQ(HideTokens("no /bot" + kToken + "/sendMessage"), "no /bot(hidden)/sendMessage");
  EXPECT_EQ(HideTokens(kToken + "," + kToken), "(hidden),(hidden)");
  EXPECT_EQ(HideTokens("bot1%3A" + kSecret + "/"), "bot(hidden)/");
  EXPECT_EQ(HideTokens("9:" + kSecret.substr(0, 8)), "(hidden)");  // cut off
}

TEST(BotToken, OtherTextIsLeftAlone) {
  for (const char* text : {"", "retry after 12", "at 12:34:56, code 400: Bad Request", "1:2", ":",
                           "TOPIC_CLOSED", "127.0.0.1:8080", "99%", "7%3A"}) {
    EXPECT_EQ(HideTokens(text), text);
  }
}

TEST(BotToken, IsKnownByAnyPieceOfItsSecret) {
  EXPECT_TRUE(TellsToken("it was " + kSecret.substr(5, 8), kToken));
  EXPECT_FALSE(TellsToken("it was " + kSecret.substr(5, 7), kToken));
  EXPECT_FALSE(TellsToken("bot 110201543", kToken));
  EXPECT_FALSE(TellsToken("", kToken));
}

}  // namespace
}  // namespace notifier
