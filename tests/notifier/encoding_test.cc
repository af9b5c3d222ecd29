#include "notifier/email/encoding.h"

#include <gtest/gtest.h>

#include <sstream>

namespace notifier {
namespace {

// What a mail reader makes of it.
std::string Decoded(const std::string& encoded) {
  std::string text;
  for (std::size_t at = 0; at < encoded.size(); ++at) {
    if (encoded[at] != '=') {
      text += encoded[at];
    } else if (encoded.compare(at + 1, 2, "\r\n") == 0) {
      at += 2;
    } else {
      text += static_cast<char>(std::stoi(encoded.substr(at + 1, 2), nullptr, 16));
      at += 2;
    }
  }
  return text;
}

TEST(Base64, VectorsOfRfc4648) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foo"), "Zm9v");
  EXPECT_EQ(Base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Base64("\xff\xef\xbe"), "/+++");
}

TEST(QuotedPrintable, LeavesPlainTextAlone) {
  EXPECT_EQ(QuotedPrintable("cpu at 93 %, see <a>\n"), "cpu at 93 %, see <a>\r\n");
  EXPECT_EQ(QuotedPrintable("one\ntwo"), "one\r\ntwo\r\n");
  EXPECT_EQ(QuotedPrintable("one\r\ntwo\r\n"), "one\r\ntwo\r\n");
  EXPECT_EQ(QuotedPrintable("a\n\nb"), "a\r\n\r\nb\r\n");
  EXPECT_EQ(QuotedPrintable(""), "\r\n");
}

TEST(QuotedPrintable, WritesTheRestAsBytes) {
  EXPECT_EQ(QuotedPrintable("a=b"), "a=3Db\r\n");
  EXPECT_EQ(QuotedPrintable("h\xc3\xa9"), "h=C3=A9\r\n");
  EXPECT_EQ(QuotedPrintable(std::string("\0\r\x1b", 3)), "=00=0D=1B\r\n");
}

TEST(QuotedPrintable, KeepsWhatTransportWouldDamage) {
  EXPECT_EQ(QuotedPrintable("a \nb\t\n c"), "a=20\r\nb=09\r\n c\r\n");
  EXPECT_EQ(QuotedPrintable("From here\nFromage"), "=46rom here\r\nFromage\r\n");
}

TEST(QuotedPrintable, NoLineIsLongAndNothingIsLost) {
  for (std::size_t length = 70; length < 240; ++length) {
    const std::string text = std::string(length, 'a') + "\xe4\xbd\xa0=" + std::string(length, ' ');
    const std::string encoded = QuotedPrintable(text);
    std::istringstream lines(encoded);
    for (std::string line; std::getline(lines, line);) {
      ASSERT_TRUE(line.ends_with('\r'));
      EXPECT_LE(line.size(), 77U) << length;
    }
    EXPECT_EQ(Decoded(encoded), text + "\r\n") << length;
  }
  EXPECT_EQ(QuotedPrintable(std::string(76, 'a')), std::string(76, 'a') + "\r\n");
  EXPECT_EQ(QuotedPrintable(std::string(77, 'a')), std::string(75, 'a') + "=\r\naa\r\n");
}

TEST(WholeCharacters, NeverSplitsOne) {
  EXPECT_EQ(WholeCharacters("abc", 10), 3U);
  EXPECT_EQ(WholeCharacters("abcdef", 4), 4U);
  EXPECT_EQ(WholeCharacters("abc\xc3\xa9", 4), 3U);
  EXPECT_EQ(WholeCharacters("ab\xe4\xbd\xa0", 4), 2U);
  EXPECT_EQ(WholeCharacters("a\xf0\x9f\x94\xa5", 4), 1U);
  EXPECT_EQ(WholeCharacters("\xf0\x9f\x94\xa5\xf0", 4), 4U);
  EXPECT_EQ(WholeCharacters("\x80\x80\x80\x80\x80\x80", 4), 4U) << "no UTF-8: cut anywhere";
}

}  // namespace
}  // namespace notifier
