#include "model-svc/predict/handler.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/model-svc/padded.h"
#include "tests/model-svc/small_folder.h"
#include "tests/support/manual_clock.h"

namespace model::predict {
namespace {

using nlohmann::json;
using support::SmallFolder;

std::string Body(double amount, int terminal_id = 1, const std::string& features = "") {
  return R"({"transaction_id": 7, "tx_datetime": "2018-08-08 13:45:00", "customer_id": 1, )"
         R"("terminal_id": )" +
         std::to_string(terminal_id) + R"(, "tx_amount": )" + std::to_string(amount) + features +
         "}";
}

// The small model takes amounts from 103 on for frauds.
struct HandlerTest : testing::Test {
  HandlerTest() {
    folder.Write();
    EXPECT_TRUE(champion.Reload().ok());
  }
  base::HttpResponse Predict(const std::string& body) {
    return handler.Predict({.method = "POST", .path = "/predict", .body = support::Padded(body)});
  }
  base::HttpResponse Batch(const std::string& body) {
    return handler.PredictBatch({.method = "POST", .body = support::Padded(body)});
  }
  [[nodiscard]] bool Exports(const std::string& line) const {
    return metrics.Text().find("\n" + line + "\n") != std::string::npos;
  }

  SmallFolder folder;
  support::ManualClock clock;
  base::Metrics metrics;
  Champion champion{folder.path(), &metrics};
  Handler handler{&champion, 13, &clock, &metrics};
};

TEST_F(HandlerTest, ATransactionIsScored) {
  const auto response = Predict(Body(500));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  const json answer = json::parse(response.body);
  EXPECT_EQ(answer["transaction_id"], 7);
  EXPECT_EQ(answer["is_fraud"], true);
  EXPECT_EQ(answer["threshold"], 0.5);
  EXPECT_EQ(answer["model_version"], "small-1");
  EXPECT_EQ(answer["features_source"], "missing");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> row = {500, 0, 0, nan, nan};
  EXPECT_EQ(static_cast<float>(answer["fraud_probability"].get<double>()),
            champion.Current()->forest.Score(row.data()));
  const json other = json::parse(Predict(Body(1, 1, R"(, "features": {"a_mean": 5})")).body);
  EXPECT_EQ(other["is_fraud"], false);
  EXPECT_EQ(other["features_source"], "request");
}

TEST_F(HandlerTest, ABatchIsTheSameBitsAsOneByOne) {
  std::string batch, single;
  for (int i = 0; i < 50; ++i) {
    const std::string body = Body(90 + i * 0.3);
    batch += (i == 0 ? "[" : ",") + body;
    const std::string answer = Predict(body).body;
    single += (i == 0 ? "[" : ",") + answer.substr(0, answer.size() - 1);
  }
  const auto response = Batch(batch + "]");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, single + "]\n");
}

TEST_F(HandlerTest, ABatchHasAtMostAThousandRows) {
  std::string rows = Body(1);
  for (int i = 1; i < 1000; ++i) rows += "," + Body(1);
  EXPECT_EQ(Batch("[" + rows + "]").status, 200);
  EXPECT_EQ(Batch("[" + rows + "," + Body(1) + "]").status, 422);
}

TEST_F(HandlerTest, WhatIsWrongIsToldAndCounted) {
  const auto response = Predict(R"({"tx_amount": "x"})");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(json::parse(response.body)["detail"][0]["loc"], json({"body", "tx_amount"}));
  EXPECT_EQ(Batch("[]").status, 422);
  EXPECT_TRUE(Exports("ml_model_errors_total{type=\"invalid\"} 2"));
  EXPECT_TRUE(Exports("ml_model_prediction_duration_seconds_count 0"));
}

TEST_F(HandlerTest, PredictionsAreCounted) {
  Predict(Body(500));
  Batch("[" + Body(1) + "," + Body(2) + "," + Body(500) + "]");
  const std::string version = "version=\"small-1\"} ";
  EXPECT_TRUE(Exports("ml_model_predictions_total{result=\"fraud\"," + version + "2"));
  EXPECT_TRUE(Exports("ml_model_predictions_total{result=\"legit\"," + version + "2"));
  EXPECT_TRUE(Exports("ml_model_score_count 4"));
  EXPECT_TRUE(Exports("ml_model_prediction_duration_seconds_count 2"));
}

TEST_F(HandlerTest, TheAlertCounterIsResetByItsTerminal) {
  EXPECT_TRUE(Exports("alert_counter 0"));
  Predict(Body(500));
  Batch("[" + Body(500) + "," + Body(500) + "," + Body(1) + "]");
  EXPECT_TRUE(Exports("alert_counter 3"));
  EXPECT_TRUE(Exports("ml_model_alert_counter_resets_total 0"));
  Predict(Body(500, 13));  // a fraud, but not counted
  EXPECT_TRUE(Exports("alert_counter 0"));
  Batch("[" + Body(500) + "," + Body(1, 13) + "," + Body(500) + "]");
  EXPECT_TRUE(Exports("alert_counter 1"));
  EXPECT_TRUE(Exports("ml_model_alert_counter_resets_total 2"));
}

TEST_F(HandlerTest, WithoutAResetTerminalNobodyCanResetIt) {
  base::Metrics others;
  Handler other(&champion, std::nullopt, &clock, &others);
  EXPECT_EQ(other.Predict({.body = support::Padded(Body(500, 13))}).status, 200);
  EXPECT_EQ(others.Text().find("alert_counter"), std::string::npos);
}

TEST_F(HandlerTest, ANewModelIsUsedAtOnce) {
  Predict(Body(500));
  const SmallFolder second(5, "small-2");
  folder.meta = second.meta;
  folder.Write();
  ASSERT_TRUE(champion.Reload().ok());
  EXPECT_EQ(json::parse(Predict(Body(500)).body)["model_version"], "small-2");
  EXPECT_EQ(json::parse(handler.ShowModel().body)["model_version"], "small-2");
  EXPECT_TRUE(Exports("ml_model_predictions_total{result=\"fraud\",version=\"small-2\"} 1"));
}

TEST_F(HandlerTest, WithoutAModelItSaysSo) {
  Champion none("/nonexistent", &metrics);
  Handler other(&none, std::nullopt, &clock, &metrics);
  const base::HttpRequest request = {.body = support::Padded(Body(1))};
  for (const auto& response :
       {other.Predict(request), other.PredictBatch(request), other.ShowModel()}) {
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.headers.count("Retry-After"), 1U);
    EXPECT_TRUE(json::parse(response.body).contains("error"));
  }
  EXPECT_TRUE(Exports("ml_model_errors_total{type=\"no_model\"} 2"));
}

TEST_F(HandlerTest, AnswersManyThreadsWhileTheModelChanges) {
  const SmallFolder second(3, "small-2");
  const std::string first_meta = folder.meta;
  {
    std::vector<std::jthread> threads;
    threads.reserve(3);
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 200; ++n) {
          const json answer = json::parse(Predict(Body(500)).body);
          EXPECT_EQ(answer["is_fraud"], true);
        }
      });
    }
    for (int n = 0; n < 10; ++n) {
      folder.meta = n % 2 == 0 ? second.meta : first_meta;
      folder.Write();
      EXPECT_TRUE(champion.Reload().ok());
    }
  }
  EXPECT_TRUE(Exports("ml_model_score_count 600"));
}

}  // namespace
}  // namespace model::predict
