#include "tests/sidecar/emergency_fixture.h"

namespace sidecar::webhook {
namespace {

using EmergencyTest = EmergencyFixture;

TEST_F(EmergencyTest, WhatIsRefusedIsPagedOnceAndSaysSo) {
  Break();
  EXPECT_EQ(Post({AlertBody{"firing"}}), 503);
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(Post({AlertBody{"firing"}}), 503) << "Alertmanager's retry";
  const auto page = Claim();
  ASSERT_TRUE(page);
  EXPECT_EQ(page->message.target, "a@example.org");
  EXPECT_NE(page->message.text.find("FIRING: Hot"), std::string::npos);
  EXPECT_NE(page->message.text.find("History: not recorded: "), std::string::npos);
  EXPECT_NE(page->message.text.find("; it may come again\n"), std::string::npos) << "if this dies";
  EXPECT_EQ(page->message.text.find("Episode:"), std::string::npos) << "there is none to show";
  EXPECT_TRUE(page->message.urgent);
  EXPECT_FALSE(Claim());
  EXPECT_TRUE(Exports("fraud_sidecar_unrecorded_pages_total{result=\"queued\"} 1"));
}

TEST_F(EmergencyTest, BesideOthersItSaysThatTheyMayHaveTold) {
  alone_ = false;
  Wire();
  Break();
  Post({AlertBody{"firing"}});
  EXPECT_NE(Claim()->message.text.find("another sidecar may have told you"), std::string::npos);
}

TEST_F(EmergencyTest, AHistoryThatIsBusyForAMomentPagesNobody) {
  const Origin origin{.source = "prod", .now = clock_.Now()};
  const std::vector<Alert> alerts = {
      {.firing = true, .fingerprint = "f1", .labels = {{"severity", "critical"}}}};
  const base::Error busy{base::ErrorCode::kBusy, "locked"};
  emergency_->Refused(origin, alerts, busy);
  EXPECT_FALSE(Claim());
  emergency_->Finish({}, true);
  clock_.Advance(Emergency::kBusyLasts);
  emergency_->Refused(origin, alerts, busy);
  EXPECT_FALSE(Claim()) << "something was stored meanwhile";
  clock_.Advance(Emergency::kBusyLasts);
  emergency_->Refused(origin, alerts, busy);
  EXPECT_TRUE(Claim());
}

TEST_F(EmergencyTest, TwoBusyMomentsFarApartPageNobody) {
  const Origin origin{.source = "prod", .now = clock_.Now()};
  const std::vector<Alert> alerts = {
      {.firing = true, .fingerprint = "f1", .labels = {{"severity", "critical"}}}};
  const base::Error busy{base::ErrorCode::kBusy, "locked"};
  emergency_->Refused(origin, alerts, busy);
  clock_.Advance(std::chrono::minutes(5));
  emergency_->Refused(origin, alerts, busy);
  EXPECT_FALSE(Claim());
  clock_.Advance(Emergency::kBusyLasts / 2);
  emergency_->Refused(origin, alerts, busy);
  EXPECT_FALSE(Claim());
  clock_.Advance(Emergency::kBusyLasts / 2);
  emergency_->Refused(origin, alerts, busy);
  EXPECT_TRUE(Claim()) << "refused again and again";
}

TEST_F(EmergencyTest, AHeartbeatThatIsRefusedWasHeard) {
  Sql("CREATE TRIGGER full BEFORE INSERT ON heartbeats BEGIN SELECT raise(ABORT, 'full'); END");
  AlertBody heartbeat = AlertBody{"firing"};
  heartbeat.name = "Watchdog";
  heartbeat.severity = "none";
  EXPECT_EQ(Post({heartbeat}), 503);
  EXPECT_EQ(heard_, "prod ");
  heartbeat.status = "resolved";
  EXPECT_EQ(Post({heartbeat, AlertBody{"firing"}}), 200);
  EXPECT_EQ(heard_, "prod ") << "its silence is no arrival";
}

TEST_F(EmergencyTest, OnlyTheChosenSeveritiesAndNoMoreThanFit) {
  Break();
  std::vector<AlertBody> alerts;
  for (int i = 0; i < 300; ++i) {
    AlertBody alert = AlertBody{"firing"};
    alert.fingerprint = std::to_string(i);
    if (i % 2 == 1) alert.severity = "warning";
    alerts.push_back(alert);
  }
  Post(alerts);
  EXPECT_TRUE(Exports("fraud_sidecar_unrecorded_pages_total{result=\"queued\"} 150"));
  for (AlertBody& alert : alerts) alert.severity = "critical";
  Post(alerts);
  EXPECT_TRUE(Exports("fraud_sidecar_unrecorded_pages_total{result=\"queued\"} 256"));
  EXPECT_FALSE(Exports("fraud_sidecar_unrecorded_pages_total{result=\"dropped\"} 0"));
  // What is sent makes room.
  while (const auto page = Claim()) Settle(*page, State::kDelivered);
  Post(alerts);
  EXPECT_TRUE(Exports("fraud_sidecar_unrecorded_pages_total{result=\"queued\"} 300"));
}

}  // namespace
}  // namespace sidecar::webhook
