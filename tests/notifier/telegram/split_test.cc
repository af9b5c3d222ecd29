#include "notifier/telegram/split.h"

#include <gtest/gtest.h>

#include <string>

#include "notifier/lead.h"
#include "notifier/telegram/call.h"
#include "notifier/telegram/utf16.h"

namespace notifier {
namespace {

const std::string kFire = "\xF0\x9F\x94\xA5";
const std::size_t kMark = 2 + kRepeatMark.size() + kOvertakenRoom;  // of both marks

Message Of(const std::string& text, const std::vector<Span>& bold = {}) {
  return {.key = "k", .thread = "t", .subject = "s", .text = text, .bold = bold, .html = "<p>"};
}

std::string Times(int count, const std::string& text) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

// A part without its last line.
std::string Body(const Message& part) { return part.text.substr(0, part.text.rfind('\n')); }
std::string Last(const Message& part) { return part.text.substr(part.text.rfind('\n') + 1); }

TEST(Split, WhatFitsIsOnePart) {
  for (const std::string& text : {std::string("hot"), std::string(kMaxMessageUnits - kMark, 'x'),
                                  Times((4096 - static_cast<int>(kMark)) / 2, kFire)}) {
    const auto parts = Split(Of(text, {{0, 1}}));
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_EQ(parts[0].text, text);
    EXPECT_EQ(parts[0].bold.size(), 1U);
    EXPECT_EQ(parts[0].key, "k");
    EXPECT_EQ(parts[0].thread, "t");
    EXPECT_EQ(parts[0].html, "");
  }
}

TEST(Split, OneUnitMoreMakesTwo) {
  const auto parts = Split(Of(std::string(kMaxMessageUnits - kMark + 1, 'x')));
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(Body(parts[0]) + Body(parts[1]), std::string(kMaxMessageUnits - kMark + 1, 'x'));
}

TEST(Split, EachPartHasItsKeyAndMarkAndRoomForARepeat) {
  const auto parts = Split(Of(Times(900, "ten bytes\n")));
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].key, "k");
  EXPECT_EQ(parts[1].key, "k-p2");
  EXPECT_EQ(parts[2].key, "k-p3");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    EXPECT_EQ(Last(parts[i]), "(" + std::to_string(i + 1) + "/3)");
    EXPECT_EQ(parts[i].thread, "t");
    EXPECT_LE(Utf16Length(parts[i].text) + kMark, kMaxMessageUnits);
  }
}

TEST(Split, BothMarksCutNothingOffAFullPart) {
  for (const std::size_t size : {kMaxMessageUnits - kMark, kMaxMessageUnits}) {
    Message part = Split(Of(std::string(size, 'x')))[0];
    const std::string text = part.text;
    MarkOvertaken(1'795'341'600'000, &part);
    const std::string body = SendMessageBody(part, {.id = "7"}, {.possible_repeat = true}, false);
    const std::string last = text.substr(text.rfind('\n') + 1);
    EXPECT_NE(body.find(last + "\\n\\n(possible repeat"), std::string::npos);
  }
}

TEST(Split, CutsAtAParagraphBeforeALineBeforeAWord) {
  const std::string words = Times(50, "word ") + "end";  // 253
  const std::string lines = Times(11, words + "\n");     // 2794
  const auto paragraph = Split(Of(lines + "\n" + lines));
  ASSERT_EQ(paragraph.size(), 2U);
  EXPECT_EQ(Body(paragraph[0]) + "\n", lines);
  EXPECT_EQ(Body(paragraph[1]) + "\n", lines);

  const auto line = Split(Of(lines + lines));
  EXPECT_TRUE(Body(line[0]).ends_with("end"));
  EXPECT_TRUE(line[1].text.starts_with("word"));
  EXPECT_EQ(Body(line[0]) + "\n" + Body(line[1]) + "\n", lines + lines);

  const auto word = Split(Of(Times(1000, "word ")));
  EXPECT_TRUE(Body(word[0]).ends_with("word"));
  EXPECT_TRUE(word[1].text.starts_with("word"));
}

TEST(Split, AHeadlineDoesNotBecomeAPart) {
  const auto parts = Split(Of("FIRING\n\n" + Times(1000, "word ")));
  EXPECT_GT(parts[0].text.size(), 3000U);
}

TEST(Split, NeverCutsACharacter) {
  const std::string text = "x" + Times(4000, kFire);
  const auto parts = Split(Of(text));
  std::string joined;
  for (const Message& part : parts) {
    joined += Body(part);
    EXPECT_EQ(part.text.find("\xEF\xBF\xBD"), std::string::npos);
    EXPECT_LE(Utf16Length(part.text) + kMark, kMaxMessageUnits);
  }
  EXPECT_EQ(joined, text);
}

TEST(Split, BoldIsCutAlong) {
  const std::string text = std::string(3000, 'a') + std::string(3000, 'b');
  const auto parts = Split(Of(text, {{0, 10}, {3000, 6000}}));
  ASSERT_EQ(parts.size(), 2U);
  std::string bold;
  for (const Message& part : parts) {
    for (const Span& span : part.bold) bold += part.text.substr(span.begin, span.end - span.begin);
  }
  EXPECT_EQ(bold, std::string(10, 'a') + std::string(3000, 'b'));
  EXPECT_EQ(parts[0].bold.size(), 2U);
  EXPECT_EQ(parts[1].bold.size(), 1U);
}

TEST(Split, EndsAfterTenPartsAndSaysSo) {
  const auto parts = Split(Of(Times(20'000, "word ")));
  ASSERT_EQ(parts.size(), kMaxParts);
  EXPECT_TRUE(Body(parts.back()).ends_with("word\n\n" + std::string(kRestSentence)));
  EXPECT_EQ(Last(parts.back()), "(10/10)");
  EXPECT_LE(Utf16Length(parts.back().text) + kMark, kMaxMessageUnits);
  EXPECT_EQ(parts[8].text.find(kRestSentence), std::string::npos);
}

TEST(Split, BytesThatAreNoUtf8AreReplacedBeforeTheyAreCounted) {
  const auto parts = Split(Of("\r" + std::string(5000, '\xFF') + "!", {{5001, 5002}}));
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(Body(parts[0]) + Body(parts[1]), Times(5000, "\xEF\xBF\xBD") + "!");
  const Span span = parts[1].bold.at(0);
  EXPECT_EQ(parts[1].text.substr(span.begin, span.end - span.begin), "!");
}

TEST(Split, NoTextIsStillAMessage) { EXPECT_EQ(Split(Of(" \n")).size(), 1U); }

}  // namespace
}  // namespace notifier
