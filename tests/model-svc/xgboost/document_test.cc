#include "model-svc/xgboost/document.h"

#include <gtest/gtest.h>

#include "model-svc/xgboost/loader.h"

namespace model::xgboost {
namespace {

using namespace std::string_literals;

constexpr DocumentLimits kLimits = {.values = 100, .numbers = 1'000, .depth = 8};

// An UBJSON object with the one member "a", as XGBoost writes names.
std::string Ubj(const std::string& value) { return "{L\0\0\0\0\0\0\0\1a"s + value + "}"; }

base::ErrorCode CodeOf(const std::string& bytes) {
  const auto value = ParseDocument(bytes, kLimits);
  EXPECT_FALSE(value.ok());
  return value ? base::ErrorCode::kIo : value.error().code;
}

TEST(DocumentTest, ReadsJson) {
  const auto value =
      ParseDocument(R"( {"a": [1, 2.5, true], "b": {"c": "x"}, "d": ["y"]})", kLimits);
  ASSERT_FALSE(value.ok()) << "XGBoost writes no blank before the first brace";
  const auto good = ParseDocument(R"({"a": [1, 2.5, true], "b": {"c": "x"}, "d": ["y"]})", kLimits);
  ASSERT_TRUE(good.ok()) << good.error().message;
  EXPECT_EQ(good->names, (std::vector<std::string>{"a", "b", "d"}));
  EXPECT_EQ(good->items[0].numbers, (std::vector<double>{1, 2.5, 1}));
  EXPECT_EQ(good->items[1].items[0].text, "x");
  EXPECT_EQ(good->items[2].items[0].text, "y");
}

TEST(DocumentTest, ReadsXgboostsTypedArrays) {
  const auto floats = ParseDocument(Ubj("[$d#L\0\0\0\0\0\0\0\2\x3f\x80\0\0\xc0\0\0\0"s), kLimits);
  ASSERT_TRUE(floats.ok()) << floats.error().message;
  EXPECT_EQ(floats->items[0].numbers, (std::vector<double>{1, -2}));
  const auto whole = ParseDocument(Ubj("[$l#L\0\0\0\0\0\0\0\1\xff\xff\xff\xff"s), kLimits);
  ASSERT_TRUE(whole.ok()) << whole.error().message;
  EXPECT_EQ(whole->items[0].numbers, (std::vector<double>{-1}));
}

TEST(DocumentTest, AFractionIsRoundedOnceAndToFloat) {
  // Between two floats, nearer the upper one by less than a double can tell: by way of double it
  // would be a tie, and go down to the even one.
  const auto value = ParseDocument(R"({"a":[1.00000005960464477540]})", kLimits);
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(value->items[0].numbers[0], 1.00000011920928955078125);
}

// Few bytes that announce or nest without end: refused before memory is taken.
TEST(DocumentTest, BombsAreRefused) {
  const std::string endless = "\x7f\xff\xff\xff\xff\xff\xff\xff";
  for (const std::string type : {"Z", "T", "F", "U", "i", "d", "S", "C"}) {
    EXPECT_EQ(CodeOf(Ubj("[$" + type + "#L" + endless)), base::ErrorCode::kInvalid) << type;
  }
  for (const std::string type : {"[", "{", "N"}) {
    const auto value = ParseDocument(Ubj("[$" + type + "#L" + endless), kLimits);
    EXPECT_FALSE(value.ok() && value->items[0].items.size() > 9) << type;
  }
  EXPECT_EQ(CodeOf(Ubj("[#L" + endless)), base::ErrorCode::kInvalid);
  EXPECT_EQ(CodeOf(Ubj("SL" + endless + "x")), base::ErrorCode::kInvalid);
  EXPECT_EQ(CodeOf(Ubj(std::string(1'000'000, '['))), base::ErrorCode::kInvalid);
  EXPECT_EQ(CodeOf(R"({"a":)" + std::string(1'000'000, '[')), base::ErrorCode::kInvalid);
}

TEST(DocumentTest, LimitsHold) {
  std::string many;
  for (int i = 0; i < 101; ++i) many += R"("x",)";
  EXPECT_EQ(CodeOf(R"({"a":[)" + many + R"("x"]})"), base::ErrorCode::kFull);
  std::string numbers;
  for (int i = 0; i < 1'000; ++i) numbers += "1,";
  EXPECT_TRUE(ParseDocument(R"({"a":[)" + numbers.substr(2) + "1]}", kLimits).ok());
  EXPECT_EQ(CodeOf(R"({"a":[)" + numbers + "1]}"), base::ErrorCode::kFull);
  EXPECT_TRUE(ParseDocument(R"({"a":[[[[[[[]]]]]]]})", kLimits).ok());
  EXPECT_EQ(CodeOf(R"({"a":[[[[[[[[]]]]]]]]})"), base::ErrorCode::kInvalid);
}

TEST(DocumentTest, MalformedIsRefused) {
  for (const std::string& bytes :
       {""s, "[]"s, "{"s, R"({"a":1)"s, R"({"a":1}x)"s, R"({"a":1,"a":2})"s, R"({"a":[1,"x"]})"s,
        R"({"a":["x",1]})"s, R"({"a":[NaN]})"s, R"({"a":1e99})"s, "{\"a\":\"\xff\"}"s, Ubj("?"),
        Ubj("[$d#L\0\0\0\0\0\0\0\2\x3f"s), Ubj("U\1") + "x"}) {
    EXPECT_EQ(CodeOf(bytes), base::ErrorCode::kInvalid) << bytes;
  }
}

TEST(DocumentTest, TheLoaderIsProtectedToo) {
  EXPECT_FALSE(Load(Ubj("[$Z#L\x7f\xff\xff\xff\xff\xff\xff\xff")).ok());
  EXPECT_FALSE(Load("").ok());
}

}  // namespace
}  // namespace model::xgboost
