#include "notifier/telegram/chat.h"

#include <gtest/gtest.h>

namespace notifier {
namespace {

TEST(ParseChat, TakesNumbersAndNames) {
  struct Case {
    const char* text;
    const char* id;
    std::optional<std::int64_t> topic;
    bool group;
  };
  const Case cases[] = {
      {"4711", "4711", std::nullopt, false},
      {"-1001234567890", "-1001234567890", std::nullopt, true},
      {"-1001234567890/42", "-1001234567890", 42, true},
      {"0815", "815", std::nullopt, false},
      {"@on_call", "@on_call", std::nullopt, true},
      {"@Abc12/2147483647", "@Abc12", 2147483647, true},
      {"9223372036854775807", "9223372036854775807", std::nullopt, false},
      {"-9223372036854775808", "-9223372036854775808", std::nullopt, true},
  };
  for (const Case& each : cases) {
    const auto chat = ParseChat(each.text);
    ASSERT_TRUE(chat.ok()) << each.text;
    EXPECT_EQ(chat->id, each.id);
    EXPECT_EQ(chat->topic, each.topic);
    EXPECT_EQ(chat->IsGroup(), each.group) << each.text;
  }
}

TEST(ParseChat, RefusesAllElse) {
  for (const char* text : {"", "0", "-0", "+5", "5 ", " 5", "5x", "-", "on_call", "@four", "@",
                           "@with-dash", "/5", "@a12345678901234567890123456789012",
                           "9223372036854775808", "t.me/x", "5\n", "@na\xC3\xA4me"}) {
    const auto chat = ParseChat(text);
    ASSERT_FALSE(chat.ok()) << text;
    EXPECT_EQ(chat.error().code, base::ErrorCode::kInvalid);
    EXPECT_NE(chat.error().message.find("the chat"), std::string::npos);
  }
  for (const char* text : {"5/", "5/0", "5/-1", "5/x", "5/1/2", "5/2147483648", "@on_call/ 1"}) {
    const auto chat = ParseChat(text);
    ASSERT_FALSE(chat.ok()) << text;
    EXPECT_NE(chat.error().message.find("the topic"), std::string::npos);
  }
}

}  // namespace
}  // namespace notifier
