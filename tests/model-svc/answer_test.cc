#include "model-svc/predict/answer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/model-svc/small_folder.h"

namespace model::predict {
namespace {

using nlohmann::json;

Model Named(const std::string& version, float threshold) {
  return {.version = version,
          .run_id = "",
          .sha256 = "00",
          .threshold = threshold,
          .features = {"tx_amount"},
          .training = R"({"auc": 0.9})",
          .sums = "",
          .forest = xgboost::Forest(*xgboost::Load(support::SmallFolder::ModelJson(1)))};
}

std::string Print(const AnswerFormat& format, const Transaction& transaction, float score) {
  std::string out;
  format.Append(transaction, score, &out);
  return out;
}

TEST(Answer, HasAllFieldsInTheirOrder) {
  const AnswerFormat format(Named("v1", 0.1F));
  EXPECT_EQ(Print(format, {.transaction_id = -5}, 0.25F),
            R"({"transaction_id":-5,"fraud_probability":0.25,"is_fraud":true,"threshold":0.1,)"
            R"("model_version":"v1","features_source":"missing"})");
  EXPECT_EQ(Print(format, {.transaction_id = 6, .features_given = true}, 0.0625F),
            R"({"transaction_id":6,"fraud_probability":0.0625,"is_fraud":false,"threshold":0.1,)"
            R"("model_version":"v1","features_source":"request"})");
}

TEST(Answer, AScoreAtTheThresholdIsAFraud) {
  const AnswerFormat format(Named("v1", 0.3F));
  EXPECT_TRUE(format.IsFraud(0.3F));
  EXPECT_FALSE(format.IsFraud(std::nextafter(0.3F, 0.F)));
}

TEST(Answer, AProbabilityReadsBackAsTheSameFloat) {
  const AnswerFormat format(Named("v1", 0.5F));
  for (float score = 1; score > 1e-37F; score *= 0.77F) {
    const json answer = json::parse(Print(format, {}, score));
    EXPECT_EQ(static_cast<float>(answer["fraud_probability"].get<double>()), score);
  }
}

TEST(Answer, TheVersionIsEscaped) {
  const AnswerFormat format(Named("a\"b\\c\u00e9", 0.5F));
  const std::string text = Print(format, {.transaction_id = INT64_MIN}, 1.17549435e-38F);
  EXPECT_EQ(json::parse(text)["model_version"], "a\"b\\c\u00e9");
  EXPECT_LE(text.size(), format.LongestBytes());
}

TEST(Answer, TheModelIsDescribed) {
  Model model = Named("v1", 0.1F);
  EXPECT_EQ(ModelText(model),
            R"({"model_version":"v1","run_id":null,"sha256":"00","threshold":0.1,)"
            R"("features":["tx_amount"],"training":{"auc":0.9}})"
            "\n");
  model.run_id = "r7";
  EXPECT_EQ(json::parse(ModelText(model))["run_id"], "r7");
}

TEST(Unprocessable, IsWordedAsFastApiDoes) {
  const auto response = Unprocessable(
      {{.type = "missing", .where = {"tx_amount"}, .message = "Field required"},
       {.type = "float_type", .row = 3, .where = {"features", "12"}, .message = "m"}});
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body,
            R"({"detail":[{"type":"missing","loc":["body","tx_amount"],"msg":"Field required"},)"
            R"({"type":"float_type","loc":["body",3,"features","12"],"msg":"m"}]})"
            "\n");
}

TEST(Unprocessable, ANameOfTheClientIsCutBetweenTwoCharacters) {
  std::string name = "x";
  for (int i = 0; i < 60; ++i) name += "\u00e9";  // two bytes each
  const auto response = Unprocessable({{.type = "t", .where = {name}, .message = "m"}});
  const std::string told = json::parse(response.body)["detail"][0]["loc"][1];
  EXPECT_EQ(told, name.substr(0, kMaxNameEcho - 1));
  EXPECT_EQ(Unprocessable({{.type = "t", .where = {"a\"\n"}, .message = "m"}}).body,
            "{\"detail\":[{\"type\":\"t\",\"loc\":[\"body\",\"a\\\"\\n\"],\"msg\":\"m\"}]}\n");
}

}  // namespace
}  // namespace model::predict
