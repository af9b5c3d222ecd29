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

TEST(ParsePayload, EachFieldThatIsNeededMayNotBeMissing) {
  for (const char* field : {"version", "alerts"}) {
    json body = Body();
    body.erase(field);
    EXPECT_EQ(Problem(body), std::string(field) + ": missing");
  }
  for (const char* field : {"status", "fingerprint", "startsAt"}) {
    json body = Body();
    body["alerts"][0].erase(field);
    EXPECT_EQ(Problem(body), std::string("alerts[0].") + field + ": missing");
  }
}

TEST(ParsePayload, EachOtherFieldMayBeMissing) {
  for (const char* field : {"receiver", "status", "groupKey", "externalURL", "groupLabels",
                            "commonLabels", "commonAnnotations", "truncatedAlerts"}) {
    json body = Body();
    body.erase(field);
    EXPECT_EQ(Problem(body), "") << field;
  }
  for (const char* field : {"labels", "annotations", "endsAt", "generatorURL"}) {
    json body = Body();
    body["alerts"][0].erase(field);
    EXPECT_EQ(Problem(body), "") << field;
  }
}

TEST(ParsePayload, NoFieldOfAWrongTypeIsTakenForAnother) {
  const std::vector<json> wrong = {nullptr, true, 7, 1e300, json::array(), json::object()};
  for (const char* field : {"status", "fingerprint", "startsAt", "endsAt", "generatorURL"}) {
    for (const json& value : wrong) {
      json body = Body();
      body["alerts"][0][field] = value;
      EXPECT_EQ(Problem(body), std::string("alerts[0].") + field + ": not a string");
    }
  }
  for (const char* field : {"labels", "annotations"}) {
    for (const json& value : {json(true), json(7), json::array(), json("x")}) {
      json body = Body();
      body["alerts"][0][field] = value;
      EXPECT_EQ(Problem(body), std::string("alerts[0].") + field + ": not an object");
    }
  }
  for (const json& value : wrong) {
    json body = Body();
    body["alerts"][0] = value;
    EXPECT_NE(Problem(body), "") << value;
    body["alerts"] = value;
    EXPECT_EQ(Problem(body), value.is_array() ? "" : "alerts: not an array");
    body["version"] = value;
    EXPECT_EQ(Problem(body), "version: not a string");
  }
  for (const json& value : {json(-1), json(2.5), json("many"), json()}) {
    json body = Body();
    body["truncatedAlerts"] = value;
    EXPECT_EQ(ParsePayload(body.dump())->truncated_alerts, 0) << "it is of no use to us";
  }
}

TEST(ParsePayload, AGroupWithoutAlertsIsNoNews) {
  json body = Body();
  body["alerts"] = json::array();
  EXPECT_TRUE(ParsePayload(body.dump())->alerts.empty());
}

TEST(ParsePayload, AnErrorIsShortWhateverTheBodyHolds) {
  const std::string huge(1'000'000, 'x');
  json body = Body();
  body["version"] = huge;
  EXPECT_LT(Problem(body).size(), 200u);
  body = Body();
  body["alerts"][0]["labels"][huge] = 1;
  EXPECT_LT(Problem(body).size(), 200u);
  body = Body();
  body["alerts"][0]["fingerprint"] = huge;
  EXPECT_EQ(Problem(body), "alerts[0].fingerprint: longer than 256 bytes");
}

TEST(ParsePayload, BytesThatAreNotUtf8AreNotJson) {
  std::string body = Body().dump();
  body.replace(body.find("c0ffee"), 6, "c0\xff\xfe");
  EXPECT_EQ(ParsePayload(body).error().message, "body: not JSON");
  EXPECT_EQ(ParsePayload(std::string(100'000, '[')).error().message, "body: not JSON");
  EXPECT_EQ(ParsePayload(std::string(1, '\0')).error().message, "body: not JSON");
}

TEST(ParsePayload, TakesTenThousandLabels) {
  json body = Body();
  for (int i = 0; i < 10'000; ++i) body["alerts"][0]["labels"]["l" + std::to_string(i)] = "v";
  EXPECT_EQ(ParsePayload(body.dump())->alerts[0].labels.size(), 10'002u);
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
