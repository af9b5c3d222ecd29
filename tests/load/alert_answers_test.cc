#include "bench/load/alert_answers.h"

#include <gtest/gtest.h>

namespace load {
namespace {

constexpr char kAlert[] = "FraudModelMaxedOutHighCPU";

base::WallMs At(const std::string& text) {
  base::WallMs at = 0;
  EXPECT_TRUE(base::ParseUtc(text, &at));
  return at;
}
const base::WallMs kSince = At("2026-11-22T15:00:00Z");

std::string Prometheus(const std::string& name, const std::string& state, const char* active_at) {
  return R"({"status":"success","data":{"alerts":[{"labels":{"alertname":")" + name +
         R"("},"state":")" + state + R"(","activeAt":")" + active_at + R"(","value":"1"}]}})";
}

TEST(ReadPrometheus, TellsPendingAndFiring) {
  const char* const later = "2026-11-22T15:00:07.123456789Z";
  const auto pending = ReadPrometheus(Prometheus(kAlert, "pending", later), kAlert, kSince);
  ASSERT_TRUE(pending.has_value());
  EXPECT_TRUE(pending->pending);
  EXPECT_FALSE(pending->firing);
  const auto firing = ReadPrometheus(Prometheus(kAlert, "firing", later), kAlert, kSince);
  EXPECT_TRUE(firing->pending);
  EXPECT_TRUE(firing->firing);
}

TEST(ReadPrometheus, AnotherOrOlderAlertIsNotOurs) {
  const char* const later = "2026-11-22T15:00:07Z";
  EXPECT_FALSE(ReadPrometheus(Prometheus("Watchdog", "firing", later), kAlert, kSince)->firing);
  const char* const before = "2026-11-22T14:59:59Z";
  EXPECT_FALSE(ReadPrometheus(Prometheus(kAlert, "firing", before), kAlert, kSince)->pending);
  EXPECT_FALSE(ReadPrometheus(R"({"data":{"alerts":[]}})", kAlert, kSince)->pending);
}

TEST(ReadPrometheus, NonsenseIsUnknown) {
  for (const char* body : {"", "x", "[]", "{}", R"({"data":[]})", R"({"data":{"alerts":{}}})"}) {
    EXPECT_FALSE(ReadPrometheus(body, kAlert, kSince).has_value()) << body;
  }
  // An entry that is none says nothing, and hides nothing.
  EXPECT_FALSE(ReadPrometheus(R"({"data":{"alerts":[3,{"labels":7}]}})", kAlert, kSince)->pending);
}

TEST(ReadAlertmanager, TellsWhetherItHasTheAlert) {
  const std::string body =
      R"([{"labels":{"alertname":"Watchdog"},"startsAt":"2026-11-22T15:01:00.000Z"},
          {"labels":{"alertname":"FraudModelMaxedOutHighCPU"},"startsAt":"2026-11-22T15:02:00.000Z"}])";
  EXPECT_EQ(ReadAlertmanager(body, kAlert, kSince), true);
  EXPECT_EQ(ReadAlertmanager(body, "Other", kSince), false);
  EXPECT_EQ(ReadAlertmanager(body, kAlert, At("2026-11-22T15:03:00Z")), false);
  EXPECT_EQ(ReadAlertmanager("[]", kAlert, kSince), false);
  EXPECT_EQ(ReadAlertmanager("{}", kAlert, kSince), std::nullopt);
}

TEST(ReadEpisodes, GivesTheNewestThatBeganSince) {
  const std::string body = R"({"alerts":[
      {"id": 9, "name": "Other", "starts_at": "2026-11-22T15:05:00.000Z"},
      {"id": 8, "name": "FraudModelMaxedOutHighCPU", "starts_at": "2026-11-22T15:04:00.000Z"},
      {"id": 7, "name": "FraudModelMaxedOutHighCPU", "starts_at": "2026-11-22T15:01:00.000Z"},
      {"id": 10, "name": "FraudModelMaxedOutHighCPU", "starts_at": "2026-11-22T14:00:00.000Z"}],
      "next_cursor": null})";
  EXPECT_EQ(ReadEpisodes(body, kAlert, kSince), 8);
  EXPECT_EQ(ReadEpisodes(body, "None", kSince), 0);
  EXPECT_EQ(ReadEpisodes(R"({"error": "no"})", kAlert, kSince), std::nullopt);
}

std::string Episode(const std::string& state, const std::string& subject) {
  return R"({"id": 8, "notifications": [{"state": ")" + state + R"(", "subject": ")" + subject +
         R"(", "attempts": [
            {"outcome": "temporary", "ended_at": "2026-11-22T15:06:00.000Z"},
            {"outcome": "delivered", "ended_at": "2026-11-22T15:07:00.250Z"}]}]})";
}

TEST(ReadEpisode, ToldWhenAFiringMessageWasDelivered) {
  const auto told = ReadEpisode(Episode("delivered", "[FIRING] FraudModelMaxedOutHighCPU"));
  ASSERT_TRUE(told.has_value());
  EXPECT_TRUE(told->told);
  EXPECT_EQ(told->told_at, At("2026-11-22T15:07:00.250Z"));
  EXPECT_FALSE(ReadEpisode(Episode("retrying", "[FIRING] X"))->told);
  EXPECT_FALSE(ReadEpisode(Episode("delivered", "[RESOLVED] X"))->told);
  EXPECT_FALSE(ReadEpisode(R"({"notifications": []})")->told);
  EXPECT_FALSE(ReadEpisode("{}").has_value());
}

TEST(ReadEpisode, ToldWithoutATimeWhenNoTrySaysIt) {
  const auto told =
      ReadEpisode(R"({"notifications": [{"state": "delivered", "subject": "FIRING"}]})");
  EXPECT_TRUE(told->told);
  EXPECT_EQ(told->told_at, std::nullopt);
}

}  // namespace
}  // namespace load
