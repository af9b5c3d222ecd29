#include "model-svc/predict/request.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/model-svc/padded.h"

namespace model::predict {
namespace {

using support::Padded;

const Columns kColumns({"tx_amount", "tx_during_weekend", "tx_during_night", "a_mean", "b_count"});

// A transaction of a Wednesday at 13:45 with `more` fields behind it.
std::string Body(const std::string& more = "") {
  return R"({"transaction_id": 7, "tx_datetime": "2018-08-08 13:45:00", "customer_id": 1, )"
         R"("terminal_id": 13, "tx_amount": 61.27)" +
         more + "}";
}

std::string With(const std::string& from, const std::string& to) {
  std::string body = Body();
  const auto at = body.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return body.replace(at, from.size(), to);
}

// "type row.a.b", as many as there are.
std::vector<std::string> Told(const Parsed& parsed) {
  std::vector<std::string> told;
  for (const Mistake& mistake : parsed.mistakes) {
    std::string line = mistake.type + " ";
    if (mistake.row) line += std::to_string(*mistake.row);
    for (const std::string& name : mistake.where) line += "." + name;
    told.push_back(line);
  }
  return told;
}

std::vector<std::string> OneTold(const std::string& body) {
  Parsed parsed;
  ParseOne(Padded(body), kColumns, &parsed);
  return Told(parsed);
}

std::vector<std::string> BatchTold(const std::string& body) {
  Parsed parsed;
  ParseBatch(Padded(body), kColumns, 3, &parsed);
  return Told(parsed);
}

using Lines = std::vector<std::string>;

TEST(Request, ATransactionBecomesARow) {
  Parsed parsed;
  ParseOne(Padded(Body()), kColumns, &parsed);
  ASSERT_EQ(Told(parsed), Lines());
  ASSERT_EQ(parsed.transactions.size(), 1U);
  EXPECT_EQ(parsed.transactions[0].transaction_id, 7);
  EXPECT_EQ(parsed.transactions[0].terminal_id, 13);
  EXPECT_FALSE(parsed.transactions[0].features_given);
  ASSERT_EQ(parsed.rows.size(), 5U);
  EXPECT_EQ(parsed.rows[0], 61.27F);
  EXPECT_EQ(parsed.rows[1], 0);
  EXPECT_EQ(parsed.rows[2], 0);
  EXPECT_TRUE(std::isnan(parsed.rows[3]) && std::isnan(parsed.rows[4]));
}

TEST(Request, FeaturesFillTheirColumnsInAnyOrder) {
  Parsed parsed;
  ParseOne(Padded(Body(R"(, "features": {"b_count": 2, "a_mean": -0.1})")), kColumns, &parsed);
  ASSERT_EQ(Told(parsed), Lines());
  EXPECT_EQ(parsed.rows[3], -0.1F);
  EXPECT_EQ(parsed.rows[4], 2);
  EXPECT_TRUE(parsed.transactions[0].features_given);
  ParseOne(Padded(Body(R"(, "features": {"a_mean": null})")), kColumns, &parsed);
  ASSERT_EQ(Told(parsed), Lines());
  EXPECT_TRUE(std::isnan(parsed.rows[3]));
  EXPECT_FALSE(parsed.transactions[0].features_given);
}

TEST(Request, WeekendAndNightAreTakenFromTheDatetime) {
  const auto flags = [](const std::string& datetime) {
    Parsed parsed;
    ParseOne(Padded(With("2018-08-08 13:45:00", datetime)), kColumns, &parsed);
    EXPECT_EQ(Told(parsed), Lines()) << datetime;
    return std::pair(parsed.rows[1], parsed.rows[2]);
  };
  EXPECT_EQ(flags("2018-08-10 07:00:00"), std::pair(0.F, 0.F));   // Friday
  EXPECT_EQ(flags("2018-08-11T06:59:59"), std::pair(1.F, 1.F));   // Saturday
  EXPECT_EQ(flags("2018-08-12 00:00:00Z"), std::pair(1.F, 1.F));  // Sunday
  EXPECT_EQ(flags("2018-08-13 23:59:59.5"), std::pair(0.F, 0.F));
}

// float32(float64(text)), by hand where the way over a double rounds twice.
TEST(Request, NumbersAreRoundedAsNumpyDoes) {
  const auto amount = [](const std::string& number) {
    Parsed parsed;
    ParseOne(Padded(With("61.27", number)), kColumns, &parsed);
    EXPECT_EQ(Told(parsed), Lines()) << number;
    return parsed.rows[0];
  };
  EXPECT_EQ(amount("0.1"), 0.1F);
  EXPECT_EQ(amount("-0.0"), 0);
  EXPECT_EQ(amount("1e-400"), 0);
  EXPECT_EQ(amount("1e-46"), 0);
  EXPECT_EQ(amount("16777217"), 16777216.F);
  EXPECT_EQ(amount("1.00000017881393432617187499"),
            static_cast<float>(1.00000017881393432617187499));
  EXPECT_EQ(amount("1E9"), 1e9F);
  EXPECT_EQ(amount("0.00000000000000000000000000000000000000000000000000000000000000000001e68"), 1);
}

TEST(Request, EveryMistakeOfABodyIsTold) {
  EXPECT_EQ(
      OneTold(R"({"tx_amount": -1, "label": 1, "customer_id": "x", "tx_datetime": 5})"),
      (Lines{"greater_than_equal .tx_amount", "extra_forbidden .label", "int_type .customer_id",
             "datetime_type .tx_datetime", "missing .transaction_id", "missing .terminal_id"}));
}

TEST(Request, AtMostSixteenMistakesAreTold) {
  std::string more;
  for (int i = 0; i < 100; ++i) more += R"(, "x)" + std::to_string(i) + "\": 1";
  EXPECT_EQ(OneTold(Body(more)).size(), kMaxMistakes);
  EXPECT_EQ(OneTold(Body(R"(, "features": {)" + more.substr(2) + "}")).size(), kMaxMistakes);
}

TEST(Request, ValuesOfTheWrongKindAreNamed) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {With("\"transaction_id\": 7", "\"transaction_id\": 7.0"), "int_type .transaction_id"},
      {With("\"transaction_id\": 7", "\"transaction_id\": 1e400"), "int_type .transaction_id"},
      {With("\"transaction_id\": 7", "\"transaction_id\": 9223372036854775808"),
       "int_type .transaction_id"},
      {With("\"transaction_id\": 7", "\"transaction_id\": true"), "int_type .transaction_id"},
      {With("\"transaction_id\": 7", "\"transaction_id\": [7]"), "int_type .transaction_id"},
      {With("\"customer_id\": 1", "\"customer_id\": null"), "int_type .customer_id"},
      {With("\"terminal_id\": 13", "\"terminal_id\": \"13\""), "int_type .terminal_id"},
      {With("61.27", "\"61.27\""), "float_type .tx_amount"},
      {With("61.27", "null"), "float_type .tx_amount"},
      {With("61.27", "false"), "float_type .tx_amount"},
      {With("61.27", "{\"a\": 1}"), "float_type .tx_amount"},
      {With("61.27", "1e400"), "finite_number .tx_amount"},
      {With("61.27", "1000000000.01"), "less_than_equal .tx_amount"},
      {With("\"2018-08-08 13:45:00\"", "1533735900"), "datetime_type .tx_datetime"},
      {With("2018-08-08", "2018-02-29"), "datetime_parsing .tx_datetime"},
      {Body(R"(, "tx_time_seconds": -1)"), "greater_than_equal .tx_time_seconds"},
      {Body(R"(, "tx_time_days": 1.5)"), "int_type .tx_time_days"},
      {Body(R"(, "features": [])"), "dict_type .features"},
      {Body(R"(, "features": null)"), "dict_type .features"},
      {Body(R"(, "features": {"a_mean": "1"})"), "float_type .features.a_mean"},
      {Body(R"(, "features": {"a_mean": 1e39})"), "finite_number .features.a_mean"},
      {Body(R"(, "features": {"a_mean": -1e999})"), "finite_number .features.a_mean"},
  };
  for (const auto& [body, told] : cases) EXPECT_EQ(OneTold(body), Lines{told}) << body;
}

TEST(Request, FieldsThatTheModelMustNotSeeAreRefused) {
  EXPECT_EQ(OneTold(Body(R"(, "tx_fraud": 0)")), Lines{"extra_forbidden .tx_fraud"});
  for (const std::string name : {"tx_amount", "tx_during_weekend", "tx_during_night", "c", ""}) {
    EXPECT_EQ(OneTold(Body(R"(, "features": {")" + name + "\": 1}")),
              Lines{"extra_forbidden .features." + name});
  }
}

TEST(Request, AFieldGivenTwiceIsAMistakeHoweverItIsWritten) {
  EXPECT_EQ(OneTold(Body(R"(, "tx_amount": 61.27)")), Lines{"duplicate .tx_amount"});
  EXPECT_EQ(OneTold(Body(R"(, "tx_\u0061mount": 61.27)")), Lines{"duplicate .tx_amount"});
  EXPECT_EQ(OneTold(Body(R"(, "features": {"a_mean": null, "a_mean": 1})")),
            Lines{"duplicate .features.a_mean"});
}

TEST(Request, ABodyThatIsNoObject) {
  EXPECT_EQ(OneTold(""), Lines{"missing "});
  for (const std::string body : {"[]", "5", "null", "\"x\"", "true", " [ {} ] ", "1e5"}) {
    EXPECT_EQ(OneTold(body), Lines{"model_attributes_type "}) << body;
  }
}

TEST(Request, MalformedJsonIsOneMistake) {
  const std::string good = Body();
  for (const std::string& body : {std::string(" "),
                                  std::string("nul"),
                                  std::string("{"),
                                  std::string("}"),
                                  good + "x",
                                  good + good,
                                  good + "]",
                                  good.substr(0, good.size() - 1),
                                  With("61.27", "061.27"),
                                  With("61.27", "+1"),
                                  With("61.27", "NaN"),
                                  With("61.27", "Infinity"),
                                  With("61.27", "1."),
                                  With("61.27", ""),
                                  With("61.27", "61.27,"),
                                  With("\"customer_id\": 1", "customer_id: 1"),
                                  With(", \"customer_id\"", " \"customer_id\""),
                                  With("\"customer_id\":", "\"customer_id\""),
                                  Body(", \"label\": [1 2]"),
                                  Body(", \"label\": tru"),
                                  Body(", \"a\xff\": 1"),
                                  Body(", \"features\": {\"a_mean\": 1"),
                                  Body(", \"a\\q\": 1"),
                                  Body(", \"a\nb\": 1"),
                                  With("2018-08-08", "\\uD800"),
                                  std::string("{\"a\": ") + std::string(5000, '['),
                                  std::string(5000, '['),
                                  std::string("\0", 1)}) {
    EXPECT_EQ(OneTold(body), Lines{"json_invalid "}) << body;
  }
}

TEST(Request, ABatchIsAnArrayOfTransactions) {
  Parsed parsed;
  const std::string other = With("61.27", "5");
  ParseBatch(Padded("[" + Body() + ", " + other + "]"), kColumns, 3, &parsed);
  ASSERT_EQ(Told(parsed), Lines());
  ASSERT_EQ(parsed.transactions.size(), 2U);
  ASSERT_EQ(parsed.rows.size(), 10U);
  EXPECT_EQ(parsed.rows[0], 61.27F);
  EXPECT_EQ(parsed.rows[5], 5);
}

TEST(Request, MistakesOfABatchNameTheRow) {
  EXPECT_EQ(BatchTold("[" + Body() + ", 5, " + Body(", \"x\": 1") + "]"),
            (Lines{"model_attributes_type 1", "extra_forbidden 2.x"}));
}

TEST(Request, ABatchHasItsLength) {
  EXPECT_EQ(BatchTold("[]"), Lines{"too_short "});
  const std::string three = Body() + "," + Body() + "," + Body();
  EXPECT_EQ(BatchTold("[" + three + "]"), Lines());
  EXPECT_EQ(BatchTold("[" + three + "," + Body() + "]"), Lines{"too_long "});
  EXPECT_EQ(BatchTold(Body()), Lines{"list_type "});
  EXPECT_EQ(BatchTold(""), Lines{"missing "});
  for (const std::string body : {"[", "[{}", "[,]", "[{}] []", "[{},]", "[5 5]"}) {
    EXPECT_EQ(BatchTold(body), Lines{"json_invalid "}) << body;
  }
}

// The bytes behind the end are the front's old memory: none of them may matter.
TEST(Request, WhatStandsBehindTheBodyIsNotRead) {
  const std::string cut = Body(R"(, "features": {"a_mean": 1)");
  for (const char behind : std::string("}],:\"0 [{\\")) {
    for (const std::string& body : {cut, cut.substr(0, cut.size() - 1), Body(), "[" + Body()}) {
      const std::string padded = Padded(body, behind);
      Parsed parsed;
      ParseOne(padded, kColumns, &parsed);
      EXPECT_EQ(parsed.mistakes.empty(), body == Body()) << body << behind;
      ParseBatch(padded, kColumns, 3, &parsed);
      EXPECT_FALSE(parsed.mistakes.empty()) << body << behind;
    }
  }
}

}  // namespace
}  // namespace model::predict
