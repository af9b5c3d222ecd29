#include "model-svc/stress.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace model {
namespace {

// Moves on by a millisecond whenever somebody looks.
class ImpatientClock final : public base::Clock {
 public:
  [[nodiscard]] base::WallMs Now() const override { return ++now_; }
  [[nodiscard]] base::SteadyTime Steady() const override {
    return base::SteadyTime(base::Millis(++now_));
  }
  [[nodiscard]] base::WallMs Looked() const { return now_; }

 private:
  mutable base::WallMs now_ = 0;
};

TEST(BurnCpu, IsBusyForAsLongAsAsked) {
  const ImpatientClock clock;
  const auto answer = BurnCpu({.body = R"({"milliseconds": 40})"}, clock);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(nlohmann::json::parse(answer.body).at("milliseconds"), 40);
  EXPECT_EQ(clock.Looked(), 41);
}

TEST(BurnCpu, RefusesWhatItDoesNotUnderstandOrWouldTakeTooLong) {
  for (const char* body :
       {"", "{}", "[]", "5", R"({"milliseconds": 0})", R"({"milliseconds": 5001})",
        R"({"milliseconds": -1})", R"({"milliseconds": 1.5})", R"({"milliseconds": "9"})",
        R"({"milliseconds": 18446744073709551616})", R"({"milliseconds": 9, "more": 1})"}) {
    const ImpatientClock clock;
    const auto answer = BurnCpu({.body = body}, clock);
    EXPECT_EQ(answer.status, 422) << body;
    EXPECT_NE(answer.body.find("milliseconds"), std::string::npos);
    EXPECT_EQ(clock.Looked(), 0) << body;
  }
}

}  // namespace
}  // namespace model
