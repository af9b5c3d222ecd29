#include "sidecar/webhook/payload.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sidecar::webhook {
namespace {

using nlohmann::json;

// As Alertmanager 0.25 sends it.
json Body() {
  return json::parse(R"({
    "receiver": "fraud\\-sidecar", "status": "firing", "version": "4", "groupKey": "{}:{}",
    "externalURL": "http://am", "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {},
    "truncatedAlerts": 3, "notification_reason": "a newer field",
    "alerts": [{
      "status": "firing", "fingerprint": "c0ffee",
      "labels": {"alertname": "Hot", "severity": "critical"}, "annotations": {"summary": "hot"},
      "startsAt": "2026-11-22T10:00:00.123Z", "endsAt": "0001-01-01T00:00:00Z",
      "generatorURL": "http://prometheus/graph"
    }]
  })");
}

std::string Problem(const json& body) {
  const auto payload = ParsePayload(body.dump());
  return payload ? "" : payload.error().message;
}

TEST(ParsePayload, ReadsWhatAlertmanagerSends) {
  const auto payload = ParsePayload(Body().dump());
  ASSERT_TRUE(payload.ok()) << payload.error().message;
  EXPECT_EQ(payload->truncated_alerts, 3);
  ASSERT_EQ(payload->alerts.size(), 1u);
  const Alert& alert = payload->alerts[0];
  EXPECT_TRUE(alert.firing);
  EXPECT_EQ(alert.fingerprint, "c0ffee");
  EXPECT_EQ(alert.Label("alertname"), "Hot");
  EXPECT_EQ(alert.Label("absent"), "");
  EXPECT_EQ(alert.annotations.at("summary"), "hot");
  EXPECT_EQ(base::FormatUtc(alert.starts_at_ms), "2026-11-22T10:00:00.123Z");
  EXPECT_FALSE(alert.ends_at_ms.has_value());
}

TEST(ParsePayload, ReadsTheEndOfAResolvedAlert) {
  json body = Body();
  body["alerts"][0]["status"] = "resolved";
  body["alerts"][0]["endsAt"] = "2026-11-22T10:05:00Z";
  const auto payload = ParsePayload(body.dump());
  ASSERT_TRUE(payload.ok());
  EXPECT_FALSE(payload->alerts[0].firing);
  EXPECT_EQ(base::FormatUtc(*payload->alerts[0].ends_at_ms), "2026-11-22T10:05:00.000Z");
}

TEST(ParsePayload, NamesThePlaceAtFault) {
  EXPECT_EQ(ParsePayload("{").error().message, "body: not JSON");
  EXPECT_EQ(ParsePayload("[]").error().message, "body: not an object");
  EXPECT_EQ(ParsePayload("{}").error().message, "version: missing");
  json body = Body();
  body["version"] = "5";
  EXPECT_EQ(Problem(body), "version: \"5\" is not \"4\"");
  body = Body();
  body["alerts"] = 1;
  EXPECT_EQ(Problem(body), "alerts: not an array");
  const std::vector<std::pair<json, std::string>> changes = {
      {{{"status", "fired"}}, "alerts[0].status: neither \"firing\" nor \"resolved\""},
      {{{"fingerprint", ""}}, "alerts[0].fingerprint: empty"},
      {{{"fingerprint", 7}}, "alerts[0].fingerprint: not a string"},
      {{{"startsAt", "yesterday"}}, "alerts[0].startsAt: not an RFC 3339 time"},
      {{{"endsAt", 5}}, "alerts[0].endsAt: not a string"},
      {{{"labels", json{{"a", 1}}}}, "alerts[0].labels.a: not a string"},
      {{{"annotations", "x"}}, "alerts[0].annotations: not an object"},
  };
  for (const auto& [change, problem] : changes) {
    body = Body();
    body["alerts"][0].update(change);
    EXPECT_EQ(Problem(body), problem);
  }
}

TEST(ParsePayload, AnAbsurdNumberOfTruncatedAlertsStaysANumber) {
  json body = Body();
  body["truncatedAlerts"] = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(ParsePayload(body.dump())->truncated_alerts, std::numeric_limits<std::int64_t>::max());
}

TEST(ParsePayload, BoundsTheNumberOfAlerts) {
  json body = Body();
  const json alert = body["alerts"][0];
  body["alerts"] = json(kMaxAlerts, alert);
  EXPECT_EQ(Problem(body), "");
  body["alerts"].push_back(alert);
  EXPECT_EQ(Problem(body), "alerts: more than 10000");
}

}  // namespace
}  // namespace sidecar::webhook
