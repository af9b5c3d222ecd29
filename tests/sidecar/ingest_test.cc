#include "sidecar/webhook/ingest.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sidecar/query/api.h"
#include "sidecar/store/outbox.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace sidecar::webhook {
namespace {

using nlohmann::json;

constexpr char kStart[] = "2026-11-22T10:00:00Z";

json AlertBody(const std::string& status, const std::string& starts = kStart,
               const std::string& ends = "0001-01-01T00:00:00Z") {
  return {{"status", status},
          {"fingerprint", "f1"},
          {"labels", {{"alertname", "Hot"}, {"severity", "critical"}, {"namespace", "fraud"}}},
          {"annotations", {{"summary", "hot"}}},
          {"startsAt", starts},
          {"endsAt", ends}};
}

class IngestTest : public testing::Test {
 protected:
  IngestTest() {
    store_ = std::move(*store::Store::Open(folder_.File("history.db"), clock_, &metrics_));
    Wire();
  }
  void Wire() {
    ingest_ = std::make_unique<Ingest>(store_.get(), &sampler_, &clock_, &metrics_, policy_,
                                       [this] { ++wakes_; });
  }

  base::HttpResponse Post(const std::vector<json>& alerts, const std::string& source = "prod") {
    return ingest_->Handle(source, json{{"version", "4"}, {"alerts", alerts}}.dump());
  }
  json Alerts() { return json::parse(query::ListAlerts(*store_, {}).body)["alerts"]; }
  json Episode(int id) {
    return json::parse(query::ShowAlert(*store_, {.captures = {std::to_string(id)}}).body);
  }
  std::int64_t Count(const std::string& table) {
    std::int64_t count = -1;
    EXPECT_TRUE(store_
                    ->Read([&](const store::Database& database) {
                      auto query = database.Prepare("SELECT count(*) FROM " + table);
                      if (query.Next()) count = query.Int(0);
                      return query.status();
                    })
                    .ok());
    return count;
  }
  bool Exports(const std::string& line) { return metrics_.Text().find(line) != std::string::npos; }

  Policy policy_{.notify_severities = {"critical"},
                 .targets = {{"email", "a@example.org"}, {"email", "b@example.org"}}};
  support::TempDir folder_;
  support::ManualClock clock_;
  base::Metrics metrics_;
  cgroup::Sampler sampler_{cgroup::Reader(folder_.path(), {.pid = 1}, {}), &clock_};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Ingest> ingest_;
  int wakes_ = 0;
};

TEST_F(IngestTest, AFiringOpensAnEpisodeAndAddressesEveryTarget) {
  const auto response = Post({AlertBody("firing")});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(json::parse(response.body)["firing"], 1);
  EXPECT_EQ(wakes_, 1);
  const json episode = Episode(1);
  EXPECT_EQ(episode["state"], "open");
  EXPECT_EQ(episode["name"], "Hot");
  EXPECT_EQ(episode["source"], "prod");
  EXPECT_EQ(episode["starts_at"], "2026-11-22T10:00:00.000Z");
  ASSERT_EQ(episode["transitions"].size(), 1u);
  EXPECT_EQ(episode["transitions"][0]["evidence"]["target_found"], false);
  ASSERT_EQ(episode["notifications"].size(), 2u);
  EXPECT_EQ(episode["notifications"][1]["target"], "b@example.org");
  EXPECT_EQ(episode["notifications"][0]["state"], "pending");
  EXPECT_NE(episode["notifications"][0]["key"], episode["notifications"][1]["key"]);
  EXPECT_EQ(Count("webhooks"), 1);
}

TEST_F(IngestTest, RepeatsAreFoldedAndNotSentAgain) {
  Post({AlertBody("firing")});
  clock_.Advance(base::Millis(60'000));
  Post({AlertBody("firing", "2026-11-22T09:59:00Z")});
  const auto response = Post({AlertBody("firing")});
  EXPECT_EQ(json::parse(response.body)["repeat"], 1);
  ASSERT_EQ(Alerts().size(), 1u);
  EXPECT_EQ(Alerts()[0]["seen_count"], 3);
  EXPECT_EQ(Alerts()[0]["starts_at"], "2026-11-22T09:59:00.000Z");  // the earliest
  EXPECT_EQ(Count("outbox"), 2);
  EXPECT_TRUE(Exports("fraud_sidecar_transitions_total{kind=\"repeat\"} 2"));
}

TEST_F(IngestTest, AResolvedEndsTheEpisodeAndIsSent) {
  Post({AlertBody("firing")});
  Post({AlertBody("resolved", kStart, "2026-11-22T10:06:00Z")});
  const json episode = Episode(1);
  EXPECT_EQ(episode["state"], "ended");
  EXPECT_EQ(episode["end_reason"], "resolved");
  EXPECT_EQ(episode["ended_at"], "2026-11-22T10:06:00.000Z");
  EXPECT_EQ(episode["notifications"].size(), 4u);
  EXPECT_EQ(episode["notifications"][2]["kind"], "resolved");
}

TEST_F(IngestTest, ALateOlderResolvedChangesNothing) {
  Post({AlertBody("firing")});
  Post({AlertBody("resolved", "2026-11-22T09:00:00Z", "2026-11-22T09:30:00Z")});
  EXPECT_EQ(Episode(1)["state"], "open");
  EXPECT_TRUE(Exports("fraud_sidecar_transitions_total{kind=\"stale\"} 1"));
}

TEST_F(IngestTest, TheSameAlertOfAnotherSourceIsAnotherEpisode) {
  Post({AlertBody("firing")}, "prod");
  Post({AlertBody("firing")}, "test");
  EXPECT_EQ(Alerts().size(), 2u);
}

TEST_F(IngestTest, RefiringBeginsANewEpisodeThatKnowsThePast) {
  base::WallMs now = 0;
  ASSERT_TRUE(base::ParseUtc("2026-11-22T12:00:00Z", &now));
  clock_.Advance(base::Millis(now - clock_.Now()));
  Post({AlertBody("firing")});
  Post({AlertBody("resolved", kStart, "2026-11-22T10:06:00Z")});
  Post({AlertBody("firing", "2026-11-22T11:00:00Z")});
  EXPECT_EQ(Alerts().size(), 2u);
  EXPECT_EQ(Alerts()[0]["id"], 2);
  EXPECT_EQ(Count("outbox WHERE text LIKE '%Before: 1 times in the last 7 days%'"), 2);
}

TEST_F(IngestTest, AnEpisodeWhoseEndWasNeverToldSwallowsNoLaterOne) {
  base::WallMs now = 0;
  ASSERT_TRUE(base::ParseUtc("2026-11-22T10:01:00Z", &now));
  clock_.Advance(base::Millis(now - clock_.Now()));
  Post({AlertBody("firing")});
  clock_.Advance(std::chrono::hours(48));
  const auto response = Post({AlertBody("firing", "2026-11-24T10:00:00Z")});
  EXPECT_EQ(json::parse(response.body)["reopened"], 1);
  const json past = Episode(1);
  EXPECT_EQ(past["state"], "ended");
  EXPECT_EQ(past["end_reason"], "vanished");
  EXPECT_EQ(past["ended_at"], "2026-11-22T10:01:00.000Z");
  EXPECT_EQ(past["transitions"][1]["kind"], "vanished");
  EXPECT_EQ(Episode(2)["state"], "open");
  EXPECT_EQ(Count("outbox"), 4) << "two firings to two mailboxes, no resolved";
}

TEST_F(IngestTest, AWaitingResolvedGoesBeforeTheNextFiringOfItsAlert) {
  policy_.targets = {{"telegram", "-100"}};
  Wire();
  store::SqliteOutbox outbox(store_.get(), "owner");
  const auto claim = [&] { return **outbox.ClaimNext("telegram", clock_.Now(), base::Millis(9)); };
  Post({AlertBody("firing")});
  const notifier::Claimed first = claim();
  ASSERT_TRUE(outbox.Settle(first, {.state = notifier::State::kDelivered}, clock_.Now()).ok());
  Post({AlertBody("resolved", kStart, "2026-11-22T10:05:00Z")});
  Post({AlertBody("firing", "2026-11-22T10:06:00Z")});
  EXPECT_EQ(claim().message.subject, "[RESOLVED] Hot, was: hot");
  EXPECT_EQ(claim().message.subject, "[FIRING] Hot: hot");
}

TEST_F(IngestTest, ALongMessageIsPartsForAChatAndOneMail) {
  policy_.targets = {{"email", "a@example.org"}, {"telegram", "-100"}};
  Wire();
  json alert = AlertBody("firing");
  for (const char* name : {"one", "two", "three", "four"}) {
    alert["annotations"][name] = std::string(1'900, 'x');
  }
  Post({alert});
  const json notifications = Episode(1)["notifications"];
  ASSERT_GE(notifications.size(), 3u);
  EXPECT_EQ(notifications[0]["channel"], "email");
  for (std::size_t i = 1; i < notifications.size(); ++i) {
    EXPECT_EQ(notifications[i]["channel"], "telegram");
  }
}

TEST_F(IngestTest, AHeartbeatIsNoEpisode) {
  json heartbeat = AlertBody("firing");
  heartbeat["labels"] = {{"alertname", "Watchdog"}, {"severity", "none"}};
  Post({heartbeat});
  EXPECT_EQ(Post({heartbeat, AlertBody("firing")}).status, 200);
  heartbeat["status"] = "resolved";
  Post({heartbeat});
  EXPECT_EQ(Alerts().size(), 1u);
  EXPECT_EQ(Count("transitions"), 1);
  EXPECT_EQ(Count("heartbeats WHERE source = 'prod' AND name = 'Watchdog'"), 1);
  EXPECT_EQ(Count("webhooks"), 1) << "of one with an alert in it";
  EXPECT_TRUE(Exports("fraud_sidecar_transitions_total{kind=\"heartbeat\"} 3"));
  EXPECT_TRUE(Exports("fraud_sidecar_transitions_total{kind=\"stale\"} 0"));
}

TEST_F(IngestTest, OnlyTheChosenSeveritiesGoToPeople) {
  json alert = AlertBody("firing");
  alert["labels"]["severity"] = "warning";
  Post({alert});
  EXPECT_EQ(Alerts().size(), 1u);
  EXPECT_EQ(Count("outbox"), 0);
}

TEST_F(IngestTest, ABodyThatCannotParseIsKeptAndNamed) {
  const auto response = ingest_->Handle("prod", "{\"version\": \"4\", \"alerts\": 7}");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(json::parse(response.body)["error"], "alerts: not an array");
  EXPECT_EQ(Count("quarantine WHERE reason = 'alerts: not an array'"), 1);
  EXPECT_EQ(Count("webhooks"), 0);
  EXPECT_TRUE(Exports("fraud_sidecar_webhooks_total{result=\"quarantined\"} 1"));
}

TEST_F(IngestTest, WhatIsShownOfAnAlertIsBoundedTheRawBodyKeepsAll) {
  json alert = AlertBody("firing");
  alert["annotations"]["huge"] = std::string(3'000'000, 'x');
  Post({alert});
  EXPECT_EQ(Episode(1)["annotations"]["huge"].get<std::string>().size(), 4096u);
  EXPECT_EQ(Count("webhooks WHERE length(body) > 3000000"), 1);
}

TEST_F(IngestTest, QuarantineIsBoundedInBytes) {
  const std::string large(4 << 20, 'x');
  for (int i = 0; i < 10; ++i) ingest_->Handle("prod", large);
  EXPECT_EQ(Count("quarantine"), store::kMaxQuarantinedBytes / (4 << 20));
}

TEST_F(IngestTest, QuarantineIsBoundedAndKeepsTheNewest) {
  for (int i = 0; i < store::kMaxQuarantined + 5; ++i) ingest_->Handle("prod", std::to_string(i));
  EXPECT_EQ(Count("quarantine"), store::kMaxQuarantined);
  EXPECT_EQ(Count("quarantine WHERE body = CAST('104' AS BLOB)"), 1);
}

TEST_F(IngestTest, WhatCannotBeStoredIsNotAcknowledgedAndNothingOfItStays) {
  ASSERT_TRUE(store_
                  ->Write([](const store::Database& database) {
                    return database.Execute(
                        "CREATE TRIGGER full BEFORE INSERT ON outbox"
                        " WHEN NEW.target = 'b@example.org'"
                        " BEGIN SELECT raise(ABORT, 'disk full'); END");
                  })
                  .ok());
  const auto response = Post({AlertBody("firing")});
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.at("Retry-After"), "5");
  EXPECT_EQ(wakes_, 0);
  for (const char* table : {"webhooks", "episodes", "transitions", "outbox"}) {
    EXPECT_EQ(Count(table), 0) << table;
  }
  EXPECT_TRUE(Exports("fraud_sidecar_webhooks_total{result=\"unavailable\"} 1"));

  ASSERT_TRUE(store_
                  ->Write([](const store::Database& database) {
                    return database.Execute("DROP TRIGGER full");
                  })
                  .ok());
  EXPECT_EQ(Post({AlertBody("firing")}).status, 200);
  EXPECT_EQ(Count("outbox"), 2);
}

TEST_F(IngestTest, PagesThroughTheHistory) {
  for (int i = 0; i < 5; ++i) {
    json alert = AlertBody("firing");
    alert["fingerprint"] = std::to_string(i);
    alert["labels"]["pod"] = "model-" + std::to_string(i % 2);
    Post({alert});
  }
  const auto page = json::parse(query::ListAlerts(*store_, {.query = {{"limit", "2"}}}).body);
  EXPECT_EQ(page["alerts"].size(), 2u);
  EXPECT_EQ(page["next_cursor"], "4");
  const auto next =
      json::parse(query::ListAlerts(*store_, {.query = {{"limit", "3"}, {"cursor", "4"}}}).body);
  EXPECT_EQ(next["alerts"].size(), 3u);
  EXPECT_EQ(next["next_cursor"], nullptr);
  const auto labelled = json::parse(
      query::ListAlerts(*store_, {.query = {{"label.pod", "model-1"}, {"state", "open"}}}).body);
  EXPECT_EQ(labelled["alerts"].size(), 2u);
  EXPECT_EQ(query::ListAlerts(*store_, {.query = {{"limit", "0"}}}).status, 400);
  EXPECT_EQ(query::ShowAlert(*store_, {.captures = {"99"}}).status, 404);
  EXPECT_EQ(query::ShowAlert(*store_, {.captures = {"x"}}).status, 400);
}

}  // namespace
}  // namespace sidecar::webhook
