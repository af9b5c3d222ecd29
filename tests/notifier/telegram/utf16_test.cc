#include "notifier/telegram/utf16.h"

#include <gtest/gtest.h>

#include <string>

namespace notifier {
namespace {

const std::string kAuml = "\xC3\xA4";          // U+00E4
const std::string kEuro = "\xE2\x82\xAC";      // U+20AC
const std::string kFire = "\xF0\x9F\x94\xA5";  // U+1F525, two units

TEST(Utf16, CountsUnits) {
  EXPECT_EQ(Utf16Length(""), 0U);
  EXPECT_EQ(Utf16Length("abc\n"), 4U);
  EXPECT_EQ(Utf16Length(kAuml + kEuro), 2U);
  EXPECT_EQ(Utf16Length("a" + kFire + "b"), 4U);
}

TEST(Utf16, EachByteThatIsNoUtf8CountsAsItsReplacement) {
  EXPECT_EQ(Utf16Length("\xFF\xFE"), 2U);
  EXPECT_EQ(Utf16Length("\xF0\x9F\x94"), 3U);      // cut off
  EXPECT_EQ(Utf16Length("\xED\xA0\x80"), 3U);      // a surrogate
  EXPECT_EQ(Utf16Length("\xC0\x80"), 2U);          // overlong
  EXPECT_EQ(Utf16Length("\xE0\x80\xAF"), 3U);      // overlong
  EXPECT_EQ(Utf16Length("\xF0\x80\x80\xAF"), 4U);  // overlong
  EXPECT_EQ(Utf16Length("\xF4\x90\x80\x80"), 4U);  // beyond U+10FFFF
  EXPECT_EQ(Utf16Length("\xC3x"), 2U);
}

TEST(Utf16, ReadsCharacters) {
  EXPECT_EQ(FirstCharacter("ab").code, U'a');
  EXPECT_EQ(FirstCharacter(kAuml).code, 0xE4U);
  EXPECT_EQ(FirstCharacter(kEuro).code, 0x20ACU);
  EXPECT_EQ(FirstCharacter(kFire).code, 0x1F525U);
  EXPECT_EQ(FirstCharacter(kFire).bytes, 4U);
  EXPECT_TRUE(FirstCharacter("\xF4\x8F\xBF\xBF").valid);
  EXPECT_FALSE(FirstCharacter("\x80").valid);
  EXPECT_EQ(FirstCharacter("\x80").bytes, 1U);
}

TEST(Utf16, CutsBetweenCharactersOnly) {
  const std::string text = "a" + kFire + kAuml;
  EXPECT_EQ(BytesOfUnits(text, 0), 0U);
  EXPECT_EQ(BytesOfUnits(text, 1), 1U);
  EXPECT_EQ(BytesOfUnits(text, 2), 1U);  // half of a pair
  EXPECT_EQ(BytesOfUnits(text, 3), 5U);
  EXPECT_EQ(BytesOfUnits(text, 4), 7U);
  EXPECT_EQ(BytesOfUnits(text, 100), 7U);
}

}  // namespace
}  // namespace notifier
