#include "sidecar/webhook/emergency.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sidecar/query/api.h"
#include "sidecar/store/outbox.h"
#include "sidecar/webhook/ingest.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace sidecar::webhook {
namespace {

using nlohmann::json;
using notifier::Claimed;
using notifier::Outcome;
using notifier::State;

constexpr char kStart[] = "2026-11-22T10:00:00Z";
constexpr base::Millis kLease{60'000};

json AlertBody(const std::string& status, const std::string& starts = kStart) {
  return {{"status", status},
          {"fingerprint", "f1"},
          {"labels", {{"alertname", "Hot"}, {"severity", "critical"}}},
          {"annotations", {{"summary", "hot"}}},
          {"startsAt", starts},
          {"endsAt", status == "firing" ? "0001-01-01T00:00:00Z" : "2026-11-22T10:06:00Z"}};
}

// A history that a trigger makes unwritable, the pages in memory, and the rows on disk.
class EmergencyTest : public testing::Test {
 protected:
  EmergencyTest() { Wire(); }
  void Wire() {
    emergency_ = std::make_unique<Emergency>(&pages_, store_.get(), &clock_, &metrics_, policy_,
                                             alone_, [this] { ++wakes_; });
    ingest_ = std::make_unique<Ingest>(
        store_.get(), &sampler_, &clock_, &metrics_, policy_, [] {}, emergency_.get());
  }
  void Sql(const std::string& sql) {
    ASSERT_TRUE(
        store_->Write([&](const store::Database& database) { return database.Execute(sql); }).ok());
  }
  void Break() {
    Sql("CREATE TRIGGER full BEFORE INSERT ON webhooks BEGIN SELECT raise(ABORT, 'full'); END");
  }
  void Mend() { Sql("DROP TRIGGER full"); }
  int Post(const std::vector<json>& alerts) {
    return ingest_->Handle("prod", json{{"version", "4"}, {"alerts", alerts}}.dump()).status;
  }
  std::optional<Claimed> Claim() { return *pages_.ClaimNext("email", clock_.Now(), kLease); }
  void Settle(const Claimed& claimed, State state) {
    const notifier::Settlement settlement{
        .state = state,
        .due_at_ms = clock_.Now() + 3'600'000,
        .result = {
            .outcome = state == State::kDelivered ? Outcome::kDelivered : Outcome::kTemporary,
            .provider_id = state == State::kDelivered ? "71" : ""}};
    ASSERT_TRUE(pages_.Settle(claimed, settlement, clock_.Now()).ok());
  }
  json Notifications(int id = 1) {
    return json::parse(query::ShowAlert(*store_, {.captures = {std::to_string(id)}}).body)
        .value("notifications", json::array());
  }
  bool Exports(const std::string& line) { return metrics_.Text().find(line) != std::string::npos; }

  Policy policy_{.notify_severities = {"critical"}, .targets = {{"email", "a@example.org"}}};
  bool alone_ = true;
  support::TempDir folder_;
  support::ManualClock clock_;
  base::Metrics metrics_;
  cgroup::Sampler sampler_{cgroup::Reader(folder_.path(), {.pid = 1}, {}), &clock_};
  std::unique_ptr<store::Store> store_ =
      std::move(*store::Store::Open(folder_.File("history.db"), clock_, &metrics_));
  notifier::MemoryOutbox pages_{Emergency::kMaxMessages};
  std::unique_ptr<Emergency> emergency_;
  std::unique_ptr<Ingest> ingest_;
  int wakes_ = 0;
};

TEST_F(EmergencyTest, WhatIsRefusedIsPagedOnceAndSaysSo) {
  Break();
  EXPECT_EQ(Post({AlertBody("firing")}), 503);
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(Post({AlertBody("firing")}), 503) << "Alertmanager's retry";
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
  Post({AlertBody("firing")});
  EXPECT_NE(Claim()->message.text.find("another sidecar may have told you"), std::string::npos);
}

TEST_F(EmergencyTest, AnAcceptedPageIsTakenOverAsDelivered) {
  Break();
  Post({AlertBody("firing")});
  const auto page = Claim();
  Settle(*page, State::kDelivered);
  Mend();
  EXPECT_EQ(Post({AlertBody("firing")}), 200);
  const json rows = Notifications();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0]["state"], "delivered");
  EXPECT_EQ(rows[0]["key"], page->message.key);
  ASSERT_EQ(rows[0]["attempts"].size(), 1u);
  EXPECT_EQ(rows[0]["attempts"][0]["outcome"], "delivered");
  EXPECT_NE(rows[0]["attempts"][0]["detail"].get<std::string>().find("sent before recorded"),
            std::string::npos);
  // The resolved is told the usual way, and answers the page.
  EXPECT_EQ(Post({AlertBody("resolved")}), 200);
  store::SqliteOutbox outbox(store_.get(), "owner");
  const auto resolved = *outbox.ClaimNext("email", clock_.Now(), kLease);
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->attempt.reply_to, "71");
  EXPECT_FALSE(pages_.Find(page->id)) << "nothing is kept of it";
}

TEST_F(EmergencyTest, APageThatWasNotTriedIsWithdrawn) {
  Break();
  Post({AlertBody("firing")});
  Mend();
  EXPECT_EQ(Post({AlertBody("firing")}), 200);
  EXPECT_EQ(Notifications()[0]["state"], "pending");
  EXPECT_TRUE(Notifications()[0]["attempts"].empty());
  EXPECT_FALSE(Claim()) << "it would come twice";
}

TEST_F(EmergencyTest, APageThatWasRefusedIsWithdrawn) {
  Break();
  Post({AlertBody("firing")});
  Settle(*Claim(), State::kRetrying);
  Mend();
  EXPECT_EQ(Post({AlertBody("firing")}), 200);
  EXPECT_EQ(Notifications()[0]["state"], "pending");
}

TEST_F(EmergencyTest, APageOnItsWayIsTakenOverAsAmbiguous) {
  Break();
  Post({AlertBody("firing")});
  const auto page = Claim();
  ASSERT_TRUE(page);
  Mend();
  EXPECT_EQ(Post({AlertBody("firing")}), 200);
  EXPECT_EQ(Notifications()[0]["state"], "ambiguous");
  EXPECT_EQ(Notifications()[0]["attempts"][0]["outcome"], "ambiguous");
  store::SqliteOutbox outbox(store_.get(), "owner");
  const auto again = *outbox.ClaimNext("email", clock_.Now(), kLease);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->attempt.possible_repeat);
  EXPECT_EQ(again->message.key, page->message.key) << "the same Message-Id";
}

TEST_F(EmergencyTest, ARefusalAfterItWasTakenOverGivesThePageBack) {
  Break();
  Post({AlertBody("firing")});
  Mend();
  Emergency::Adopted adopted;
  Alert alert{.firing = true, .fingerprint = "f1"};
  ASSERT_TRUE(base::ParseUtc(kStart, &alert.starts_at_ms));
  const Origin origin{.source = "prod", .webhook_id = 1, .now = clock_.Now()};
  const auto work = [&](const store::Database& database) {
    return emergency_->Adopt(database, origin, {alert}, &adopted);
  };
  ASSERT_TRUE(store_->Write(work).ok());
  EXPECT_FALSE(Claim()) << "held until it is known";
  emergency_->Finish(adopted, false);
  EXPECT_TRUE(Claim());
}

TEST_F(EmergencyTest, WhatTheHistoryKnowsIsNoNews) {
  EXPECT_EQ(Post({AlertBody("firing")}), 200);
  Break();
  EXPECT_EQ(Post({AlertBody("firing")}), 503) << "a repeat";
  EXPECT_FALSE(Claim());
  EXPECT_EQ(Post({AlertBody("resolved")}), 503);
  EXPECT_FALSE(Claim()) << "it would overtake the firing, which waits in the history";
  store::SqliteOutbox outbox(store_.get(), "owner");
  const auto firing = *outbox.ClaimNext("email", clock_.Now(), kLease);
  ASSERT_TRUE(outbox.Settle(*firing, {}, clock_.Now()).ok());
  EXPECT_EQ(Post({AlertBody("resolved")}), 503) << "Alertmanager's retry";
  const auto page = Claim();
  ASSERT_TRUE(page);
  EXPECT_NE(page->message.text.find("RESOLVED: Hot"), std::string::npos);
  Settle(*page, State::kDelivered);
  Mend();
  EXPECT_EQ(Post({AlertBody("resolved")}), 200);
  EXPECT_EQ(Notifications()[1]["kind"], "resolved");
  EXPECT_EQ(Notifications()[1]["state"], "delivered");
}

TEST_F(EmergencyTest, AnEpisodeThatTheHistoryNeverSawIsToldInOrder) {
  Break();
  Post({AlertBody("firing")});
  Post({AlertBody("resolved")});
  const auto firing = Claim();
  ASSERT_TRUE(firing);
  EXPECT_FALSE(Claim()) << "the resolved waits for its firing";
  Settle(*firing, State::kDelivered);
  const auto resolved = Claim();
  ASSERT_TRUE(resolved);
  EXPECT_NE(resolved->message.text.find("RESOLVED: Hot"), std::string::npos);
  Settle(*resolved, State::kDelivered);
  // What was sent is not taken for what comes next.
  Mend();
  EXPECT_EQ(Post({AlertBody("resolved")}), 200);
  EXPECT_EQ(Post({AlertBody("firing")}), 200);
  EXPECT_EQ(Notifications()[0]["state"], "pending");
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

TEST_F(EmergencyTest, OnlyTheChosenSeveritiesAndNoMoreThanFit) {
  Break();
  std::vector<json> alerts;
  for (int i = 0; i < 300; ++i) {
    json alert = AlertBody("firing");
    alert["fingerprint"] = std::to_string(i);
    if (i % 2 == 1) alert["labels"]["severity"] = "warning";
    alerts.push_back(alert);
  }
  Post(alerts);
  EXPECT_TRUE(Exports("fraud_sidecar_unrecorded_pages_total{result=\"queued\"} 150"));
  for (json& alert : alerts) alert["labels"]["severity"] = "critical";
  Post(alerts);
  EXPECT_TRUE(Exports("fraud_sidecar_unrecorded_pages_total{result=\"queued\"} 256"));
  EXPECT_FALSE(Exports("fraud_sidecar_unrecorded_pages_total{result=\"dropped\"} 0"));
}

TEST_F(EmergencyTest, APageWhoseNewsWasHeldBackIsTold) {
  json other = AlertBody("firing");
  other["fingerprint"] = "f0";
  EXPECT_EQ(Post({other}), 200);
  Break();
  Post({AlertBody("firing")});
  Settle(*Claim(), State::kDelivered);
  Mend();
  // As a history does that leaves the news for later: no row yet.
  Sql("CREATE TRIGGER later AFTER INSERT ON outbox WHEN NEW.key NOT LIKE '%-1-0' BEGIN"
      " DELETE FROM outbox WHERE id = NEW.id;"
      " UPDATE transitions SET tell = 'storm' WHERE id = NEW.transition_id; END");
  EXPECT_EQ(Post({AlertBody("firing")}), 200);
  ASSERT_EQ(Notifications(2).size(), 1u);
  EXPECT_EQ(Notifications(2)[0]["state"], "delivered");
  std::string tell;
  ASSERT_TRUE(store_
                  ->Read([&](const store::Database& database) {
                    auto query = database.Prepare("SELECT tell FROM transitions WHERE id = 2");
                    if (query.Next()) tell = query.Text(0);
                    return query.status();
                  })
                  .ok());
  EXPECT_EQ(tell, "told");
}

}  // namespace
}  // namespace sidecar::webhook
