#include "bench/load/rows.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

namespace load {
namespace {

using nlohmann::json;

constexpr char kFile[] =
    R"({"kind": "normal", "transaction": {"tx_amount": 57.5, "transaction_id": 3}, "features": {"a": null}}

{"kind": "replay", "transaction": {"transaction_id": 77, "tx_amount": 1}}
{"kind": "malformed", "body": "{\"tx_amount\": "}
{"kind": "amount_flood", "transaction": {"tx_amount": 9}}
)";

// The body of the row as request `number`; checks that the announced length is true.
std::string BodyOf(const Row& row, std::uint64_t number) {
  std::string text = "Content-Length: ";
  AppendRow(row, number, &text);
  const std::size_t end = text.find("\r\n\r\n");
  EXPECT_EQ(std::stoul(text.substr(16, end - 16)), text.size() - end - 4);
  return text.substr(end + 4);
}

std::vector<Row> Rows(bool with_features = false) {
  auto rows = ParseRows(kFile, with_features);
  EXPECT_TRUE(rows.ok()) << rows.error().message;
  return std::move(*rows);
}

TEST(ParseRows, ATransactionGetsARunningNumber) {
  const Row row = Rows().at(0);
  EXPECT_EQ(json::parse(BodyOf(row, 0)),
            json::parse(R"({"transaction_id": 1000000000, "tx_amount": 57.5})"));
  EXPECT_EQ(json::parse(BodyOf(row, 8'999'999'999))["transaction_id"], 9'999'999'999);
  EXPECT_EQ(json::parse(BodyOf(row, 9'000'000'001))["transaction_id"], 1'000'000'001);
  EXPECT_EQ(json::parse(BodyOf(Rows().at(3), 5))["transaction_id"], 1'000'000'005);
}

TEST(ParseRows, FeaturesGoInsideWhenAsked) {
  EXPECT_FALSE(json::parse(BodyOf(Rows(false).at(0), 0)).contains("features"));
  EXPECT_EQ(json::parse(BodyOf(Rows(true).at(0), 0))["features"], json::parse(R"({"a": null})"));
  EXPECT_FALSE(json::parse(BodyOf(Rows(true).at(1), 0)).contains("features"));
}

TEST(ParseRows, AReplayKeepsItsNumberAndWhatIsMalformedItsBytes) {
  EXPECT_EQ(json::parse(BodyOf(Rows().at(1), 12))["transaction_id"], 77);
  EXPECT_EQ(BodyOf(Rows().at(2), 12), "{\"tx_amount\": ");
}

TEST(ParseRows, NamesTheLineThatIsWrong) {
  for (const char* wrong :
       {"{", "[]", "{}", R"({"kind": 1})", R"({"kind": "other", "transaction": {}})",
        R"({"kind": "normal"})", R"({"kind": "normal", "transaction": 3})",
        R"({"kind": "malformed"})", R"({"kind": "malformed", "body": 3})"}) {
    const auto rows =
        ParseRows("{\"kind\": \"malformed\", \"body\": \"\"}\n" + std::string(wrong), false);
    ASSERT_FALSE(rows.ok()) << wrong;
    EXPECT_EQ(rows.error().message.substr(0, 7), "line 2:") << rows.error().message;
  }
  EXPECT_FALSE(ParseRows("\n \n", false).ok());
}

TEST(ParseMix, TakesWeightsByKind) {
  const auto mix = ParseMix("normal=70,amount_flood=0.5");
  ASSERT_TRUE(mix.ok()) << mix.error().message;
  EXPECT_EQ((*mix)[static_cast<std::size_t>(Kind::kNormal)], 70);
  EXPECT_EQ((*mix)[static_cast<std::size_t>(Kind::kAmountFlood)], 0.5);
  EXPECT_EQ((*mix)[static_cast<std::size_t>(Kind::kReplay)], 0);
  for (const char* wrong : {"", "normal", "normal=", "normal=0", "normal=-1", "normal=x", "other=1",
                            "normal=1,", "normal=nan", "normal=inf"}) {
    EXPECT_FALSE(ParseMix(wrong).ok()) << wrong;
  }
}

std::map<Kind, int> Picked(const std::optional<Mix>& mix, std::uint64_t seed) {
  const std::vector<Row> rows = Rows();
  auto picker = RowPicker::Create(rows, mix, Random(seed));
  EXPECT_TRUE(picker.ok()) << picker.error().message;
  std::map<Kind, int> counts;
  for (int i = 0; i < 40'000; ++i) ++counts[rows.at(picker->Pick()).kind];
  return counts;
}

TEST(RowPicker, WithoutAMixEveryRowIsAsLikely) {
  auto counts = Picked(std::nullopt, 1);
  EXPECT_EQ(counts.size(), 4U);
  for (const auto& [kind, count] : counts) EXPECT_NEAR(count, 10'000, 500) << KindName(kind);
}

TEST(RowPicker, FollowsTheMixAndTheSeed) {
  const Mix mix = ParseMix("normal=3,malformed=1").value();
  auto counts = Picked(mix, 1);
  EXPECT_EQ(counts.size(), 2U);
  EXPECT_NEAR(counts[Kind::kNormal], 30'000, 500);
  EXPECT_EQ(counts, Picked(mix, 1));
  EXPECT_NE(counts, Picked(mix, 2));
}

TEST(RowPicker, AMixNeedsRowsOfItsKinds) {
  const auto picker =
      RowPicker::Create(Rows(), ParseMix("compromised_terminal=1").value(), Random(1));
  ASSERT_FALSE(picker.ok());
  EXPECT_NE(picker.error().message.find("compromised_terminal"), std::string::npos);
}

}  // namespace
}  // namespace load
