#include "notifier/telegram/text.h"

#include <gtest/gtest.h>

namespace notifier {
namespace {

// The text with its bold spans in stars.
std::string Marked(const Text& text) {
  std::string marked;
  std::size_t at = 0;
  for (const Span& span : text.bold) {
    marked += text.text.substr(at, span.begin - at) + "*" +
              text.text.substr(span.begin, span.end - span.begin) + "*";
    at = span.end;
  }
  return marked + text.text.substr(at);
}

TEST(CleanText, LeavesGoodTextAlone) {
  EXPECT_EQ(Marked(CleanText("hot since\n\xF0\x9F\x94\xA5 <b>&_*[", {{0, 3}, {10, 14}})),
            "*hot* since\n*\xF0\x9F\x94\xA5* <b>&_*[");
}

TEST(CleanText, MovesSpansAlongWithWhatChanges) {
  EXPECT_EQ(Marked(CleanText("a\r\nb\tc\x01", {{3, 4}})), "a\n*b* c ");
  EXPECT_EQ(Marked(CleanText("\xFFx\xC3", {{1, 2}})), "\xEF\xBF\xBD*x*\xEF\xBF\xBD");
}

TEST(CleanText, SpansThatAreNotInOrderAreMended) {
  const std::string fire = "\xF0\x9F\x94\xA5!";
  EXPECT_EQ(Marked(CleanText(fire, {{1, 3}})), "*\xF0\x9F\x94\xA5*!");  // within a character
  EXPECT_EQ(Marked(CleanText("abc", {{1, 1}, {2, 99}, {50, 60}, {2, 1}})), "ab*c*");
  EXPECT_EQ(Marked(CleanText("abcd", {{0, 2}, {1, 3}})), "*ab**c*d");
  EXPECT_EQ(Marked(CleanText("a\rb", {{1, 2}})), "ab");  // nothing of it is left
}

TEST(Cut, TrimsAndTakesThePartOfEachSpan) {
  const Text whole{.text = "one two\n three ", .bold = {{1, 5}, {9, 15}}};
  EXPECT_EQ(Marked(Cut(whole, 0, whole.text.size())), "o*ne t*wo\n *three*");
  EXPECT_EQ(Marked(Cut(whole, 2, 8)), "*e t*wo");
  EXPECT_EQ(Marked(Cut(whole, 7, 11)), "*th*");
  EXPECT_EQ(Cut(whole, 7, 9).text, "");
}

TEST(IsBlank, KnowsWhatHasNoShape) {
  EXPECT_TRUE(IsBlank(""));
  EXPECT_TRUE(IsBlank(" \n\xC2\xA0\xE2\x80\x8B\xE3\x80\x80\xEF\xBB\xBF"));
  EXPECT_FALSE(IsBlank(" ."));
  EXPECT_FALSE(IsBlank("\xFF"));  // it becomes U+FFFD
  EXPECT_FALSE(IsBlank("\xF0\x9F\x94\xA5"));
}

}  // namespace
}  // namespace notifier
