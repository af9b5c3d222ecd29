#include "notifier/telegram/call.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "notifier/telegram/utf16.h"

namespace notifier {
namespace {

using nlohmann::json;

const std::string kFire = "\xF0\x9F\x94\xA5";

json Body(const Message& message, const Attempt& attempt = {}, const Chat& chat = {.id = "-5"},
          bool silent = false) {
  return json::parse(SendMessageBody(message, chat, attempt, silent));
}

json Bold(int offset, int length) {
  return {{"type", "bold"}, {"offset", offset}, {"length", length}};
}

TEST(SendMessageBody, IsThisAndNoMore) {
  EXPECT_EQ(Body({.text = "hot <b>&_*["}), json({{"chat_id", -5},
                                                 {"text", "hot <b>&_*["},
                                                 {"link_preview_options", {{"is_disabled", true}}},
                                                 {"disable_notification", false}}));
}

TEST(SendMessageBody, NamesTheChatAndItsTopic) {
  EXPECT_EQ(Body({.text = "x"}, {}, {.id = "@on_call"})["chat_id"], "@on_call");
  EXPECT_EQ(Body({.text = "x"}, {}, {.id = "-1001234567890"})["chat_id"], -1001234567890);
  EXPECT_EQ(Body({.text = "x"}, {}, {.id = "5", .topic = 42})["message_thread_id"], 42);
  EXPECT_FALSE(Body({.text = "x"}).contains("message_thread_id"));
}

TEST(SendMessageBody, MakesNoSoundWhenSilent) {
  EXPECT_EQ(Body({.text = "x"}, {}, {.id = "5"}, true)["disable_notification"], true);
}

TEST(SendMessageBody, BoldIsCountedInUtf16) {
  const json body = Body({.text = kFire + " hot\xC3\xA4 x", .bold = {{0, 4}, {5, 10}}});
  EXPECT_EQ(body["entities"], json({Bold(0, 2), Bold(3, 4)}));
  EXPECT_FALSE(body.contains("parse_mode"));
}

TEST(SendMessageBody, TrimmingMovesTheOffsets) {
  const json body = Body({.text = "\n  hot \r\nx \n", .bold = {{1, 5}, {9, 12}}});
  EXPECT_EQ(body["text"], "hot \nx");
  EXPECT_EQ(body["entities"], json({Bold(0, 2), Bold(5, 1)}));
}

TEST(SendMessageBody, AHundredEntitiesAreTheMost) {
  Message message{.text = std::string(500, 'x')};
  message.bold.reserve(200);
  for (std::size_t i = 0; i < 200; ++i) message.bold.push_back({2 * i, 2 * i + 1});
  const json body = Body(message);
  EXPECT_EQ(body["entities"].size(), kMaxEntities);
  EXPECT_EQ(body["entities"].back(), Bold(198, 1));
}

TEST(SendMessageBody, IsAlwaysValidJson) {
  const json body = Body({.text = "a\xFF\x01\"\\\xED\xA0\x80z", .bold = {{8, 9}}});
  EXPECT_EQ(body["text"], "a\xEF\xBF\xBD \"\\\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(body["entities"], json({Bold(8, 1)}));
}

TEST(SendMessageBody, IsNeverEmpty) {
  EXPECT_EQ(Body({.subject = "hot", .text = " \n\xE2\x80\x8B"})["text"], "hot");
  EXPECT_EQ(Body({.subject = " ", .text = "", .bold = {{0, 5}}})["text"], "(no text)");
}

TEST(SendMessageBody, ARepeatSaysSoInItsLastLine) {
  const json body = Body({.text = "hot\n", .bold = {{0, 4}}}, {.possible_repeat = true});
  EXPECT_EQ(body["text"], "hot\n\n" + std::string(kRepeatMark));
  EXPECT_EQ(body["entities"], json({Bold(0, 3)}));
}

TEST(SendMessageBody, IsNeverTooLong) {
  for (const bool repeat : {false, true}) {
    const std::string text = "x" + std::string(3, ' ') + std::string(9000, 'y');
    const json body = Body({.text = text, .bold = {{0, 9000}}}, {.possible_repeat = repeat});
    const auto shown = body["text"].get<std::string>();
    EXPECT_EQ(Utf16Length(shown), kMaxMessageUnits);
    EXPECT_EQ(shown.ends_with(kRepeatMark), repeat);
    EXPECT_LE(body["entities"][0]["length"].get<std::size_t>(), kMaxMessageUnits);
  }
}

TEST(SendMessageBody, RepliesToAMessageIdAndToNothingElse) {
  EXPECT_EQ(Body({.text = "x"}, {.reply_to = "77"})["reply_parameters"],
            json({{"message_id", 77}, {"allow_sending_without_reply", true}}));
  for (const char* id : {"", "0", "-1", "7x", "<id@host>", "99999999999", "2147483648"}) {
    EXPECT_FALSE(Body({.text = "x"}, {.reply_to = id}).contains("reply_parameters")) << id;
  }
}

}  // namespace
}  // namespace notifier
