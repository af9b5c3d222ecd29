#include "sidecar/webhook/alertmanager.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sidecar::webhook {
namespace {

using nlohmann::json;

// As Alertmanager 0.25 prints it.
constexpr char kActive[] = R"({"annotations":{"summary":"hot"},"endsAt":"2026-11-23T05:06:49.567Z",
 "fingerprint":"db7900e30dcbe7ea","receivers":[{"name":"mail"},{"name":"fraud-sidecar"}],
 "startsAt":"2026-11-23T05:06:34.567Z",
 "status":{"inhibitedBy":[],"silencedBy":[],"state":"active"},
 "updatedAt":"2026-11-23T05:06:34.567Z","generatorURL":"http://prometheus.example/graph",
 "labels":{"alertname":"Hot","namespace":"shop","severity":"critical"}})";

base::Result<std::vector<ListedAlert>> Parse(const json& alerts) {
  return ParseListedAlerts(alerts.dump(), "fraud-sidecar");
}

json With(const std::string& pointer, const json& value) {
  json alert = json::parse(kActive);
  alert[json::json_pointer(pointer)] = value;
  return json::array({json::parse(kActive), alert});
}

TEST(Alertmanager, AListedAlertIsAsItsWebhookWouldBe) {
  const auto listed = Parse(json::array({json::parse(kActive)}));
  ASSERT_TRUE(listed.ok()) << listed.error().message;
  ASSERT_EQ(listed->size(), 1u);
  const auto& [alert, active, suppressed] = listed->front();
  EXPECT_TRUE(active);
  EXPECT_FALSE(suppressed);
  EXPECT_TRUE(alert.firing);
  EXPECT_EQ(alert.fingerprint, "db7900e30dcbe7ea");
  EXPECT_EQ(alert.Label("alertname"), "Hot");
  EXPECT_EQ(alert.annotations.at("summary"), "hot");
  EXPECT_EQ(alert.generator_url, "http://prometheus.example/graph");
  EXPECT_EQ(base::FormatUtc(alert.starts_at_ms), "2026-11-23T05:06:34.567Z");
  EXPECT_FALSE(alert.ends_at_ms.has_value());
}

TEST(Alertmanager, AlertsOfOtherReceiversAreLeftOut) {
  const auto listed = Parse(With("/receivers", {{{"name", "fraud-sidecar-2"}}}));
  ASSERT_TRUE(listed.ok()) << listed.error().message;
  EXPECT_EQ(listed->size(), 1u);
}

TEST(Alertmanager, SilencedInhibitedAndMutedAreSuppressed) {
  const std::pair<const char*, json> ways[] = {{"/status/state", "suppressed"},
                                               {"/status/silencedBy", {"a"}},
                                               {"/status/inhibitedBy", {"a"}},
                                               {"/status/mutedBy", {"night"}}};
  for (const auto& [pointer, value] : ways) {
    const auto listed = Parse(With(pointer, value));
    ASSERT_TRUE(listed.ok()) << pointer;
    EXPECT_FALSE((*listed)[0].suppressed) << pointer;
    EXPECT_TRUE((*listed)[1].suppressed) << pointer;
  }
  EXPECT_FALSE((*Parse(With("/status/state", "unprocessed")))[1].active);
}

TEST(Alertmanager, AMistakeNamesItsPlace) {
  const std::tuple<const char*, json, const char*> cases[] = {
      {"/status", 7, "alerts[1].status: not an object"},
      {"/status/state", 7, "alerts[1].status.state: not a string"},
      {"/status/state", "on", "alerts[1].status.state: none of active, suppressed, unprocessed"},
      {"/status/silencedBy", "a", "alerts[1].status.silencedBy: not an array"},
      {"/receivers", nullptr, "alerts[1].receivers: not an array"},
      {"/receivers", {7}, "alerts[1].receivers: one without a name"},
      {"/receivers", {{{"name", 7}}}, "alerts[1].receivers: one without a name"},
      {"/fingerprint", "", "alerts[1].fingerprint: empty"},
      {"/startsAt", "soon", "alerts[1].startsAt: not an RFC 3339 time"},
      {"/labels/alertname", 7, "alerts[1].labels.alertname: not a string"},
  };
  for (const auto& [pointer, value, message] : cases) {
    const auto listed = Parse(With(pointer, value));
    ASSERT_FALSE(listed.ok()) << message;
    EXPECT_EQ(listed.error().code, base::ErrorCode::kInvalid);
    EXPECT_EQ(listed.error().message, message);
  }
}

TEST(Alertmanager, AnAnswerThatIsNoListIsInvalid) {
  const std::pair<std::string, const char*> cases[] = {
      {"<html>", "alerts: not JSON"},
      {std::string("[") + kActive, "alerts: not JSON"},
      {std::string("{\"data\":") + kActive + "}", "alerts: not an array"},
      {"[7]", "alerts: one is not an object"},
      {std::string(100'000, '['), "alerts: not JSON"},
  };
  for (const auto& [body, message] : cases) {
    const auto listed = ParseListedAlerts(body, "fraud-sidecar");
    ASSERT_FALSE(listed.ok()) << message;
    EXPECT_EQ(listed.error().message, message);
  }
  json many = json::array();
  for (std::size_t i = 0; i <= kMaxAlerts; ++i) many.push_back(json::parse(kActive));
  EXPECT_EQ(Parse(many).error().message, "alerts: more than 10000");
}

TEST(Alertmanager, DeepNestingIsDropped) {
  const std::string deep(50'000, '[');
  const std::string body =
      std::string("[") + kActive + ",{\"labels\":{\"a\":" + deep + std::string(50'000, ']') + "}}]";
  EXPECT_EQ(ParseListedAlerts(body, "fraud-sidecar").error().message,
            "alerts[1].status: not an object");
}

TEST(Alertmanager, StatusTellsTheStartAndHowSoonItTells) {
  const auto status = ParseManagerStatus(
      R"({"cluster":{"status":"disabled"},"uptime":"2026-11-23T05:06:34.529Z","config":{"original":
      "route:\n  receiver: x\n  group_wait: 10s\n  group_interval: 1m\n"}})");
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(base::FormatUtc(status->started_at_ms), "2026-11-23T05:06:34.529Z");
  EXPECT_EQ(status->tells_within, base::Millis(87'500));
  for (const char* body : {"x", "[]", "{}", R"({"uptime":7})", R"({"uptime":"now"})"}) {
    EXPECT_EQ(ParseManagerStatus(body).error().code, base::ErrorCode::kInvalid) << body;
  }
}

TEST(Alertmanager, TheSlowestRouteSaysHowSoonItTells) {
  const std::pair<const char*, int> cases[] = {
      {"", 412'500},  // 30 s and 5 m, Alertmanager's own
      {"route:\n  group_wait: 10s\n  group_interval: 1m\n", 87'500},
      {"route:\n  group_wait: 500ms\n  group_interval: 1m30s\n", 113'125},
      // A child's; and the root's own default, which is not printed.
      {"route:\n  group_wait: 0s\n  group_interval: 1m\n  routes:\n  - receiver: y\n"
       "    group_interval: 3m\n",
       225'000},
      {"route:\n  group_wait: 0s\n  routes:\n  - group_interval: 1m\n", 375'000},
      {"route:\n  group_wait: 0s\n  group_interval: 1d\n", 600'000},
      {"route:\n  group_wait: 0s\n  group_interval: 99999999999999999999h\n", 600'000},
      {"route:\n  group_wait: 0s\n  group_interval: soon\n", 600'000},
  };
  for (const auto& [text, ms] : cases) EXPECT_EQ(TellsWithin(text), base::Millis(ms)) << text;
}

TEST(Alertmanager, TheReceiverIsAnAnchoredExpression) {
  EXPECT_EQ(ListPath("a.b/ä"),
            "/api/v2/alerts?receiver=%5E%28%3F%3Aa%5C.b%2F%C3%A4%29%24"
            "&active=true&silenced=true&inhibited=true&unprocessed=true");
}

TEST(Alertmanager, AReceiverThatItDoesNotHaveIsNoAnswer) {
  EXPECT_TRUE(CheckReceiver(R"([{"name":"a"},{"name":"b"}])", "b").ok());
  const auto unknown = CheckReceiver(R"([{"name":"a"},{"name":"b"}])", "c");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, base::ErrorCode::kInvalid);
  EXPECT_EQ(unknown.error().message, "--alertmanager-receiver: it has no receiver \"c\", but a, b");
  for (const char* garbage : {"", "{}", "[7]", "[{}]", R"([{"name":7}])"}) {
    EXPECT_FALSE(CheckReceiver(garbage, "b").ok()) << garbage;
  }
}

TEST(Alertmanager, AskingEndsWithAnAnswerOrAReason) {
  std::vector<std::string> asked;
  base::HttpReply reply{.status = 200};
  const HttpGet http = [&](const base::HttpCall& call, const std::stop_token&) {
    asked.push_back(call.url);
    EXPECT_EQ(call.timeout, base::Millis(10'000));
    EXPECT_EQ(call.max_answer_bytes, kMaxAnswerBytes);
    reply.body = std::string("[") + kActive + "]";
    if (call.url.ends_with("/status")) reply.body = R"({"uptime":"2026-11-23T05:06:34Z"})";
    if (call.url.ends_with("/receivers")) reply.body = R"([{"name":"x"},{"name":"fraud-sidecar"}])";
    return base::HttpOutcome{.reply = reply};
  };
  const auto answer = AskAlertmanager(http, "http://am:9093/prefix", "fraud-sidecar", {});
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->alerts.size(), 1u);
  EXPECT_EQ(asked[0], "http://am:9093/prefix/api/v2/status");
  EXPECT_EQ(asked[1], "http://am:9093/prefix/api/v2/receivers");
  EXPECT_EQ(asked[2], "http://am:9093/prefix" + ListPath("fraud-sidecar"));
  reply.status = 500;
  const auto refused = AskAlertmanager(http, "http://am:9093", "fraud-sidecar", {});
  EXPECT_EQ(refused.error().code, base::ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().message, "it answers 500, not 200");
  const HttpGet endless = [](const base::HttpCall&, const std::stop_token&) {
    return base::HttpOutcome{.reply = base::Error{base::ErrorCode::kFull, "too long"}};
  };
  EXPECT_EQ(AskAlertmanager(endless, "http://am", "x", {}).error().code, base::ErrorCode::kInvalid);
}

}  // namespace
}  // namespace sidecar::webhook
