#include "sidecar/webhook/reconciler.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sidecar/query/api.h"
#include "sidecar/store/episodes.h"
#include "sidecar/webhook/recorder.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace sidecar::webhook {
namespace {

using nlohmann::json;

constexpr char kStart[] = "2026-11-22T10:00:00Z";

json Listed(const std::string& fingerprint) {
  return {{"status", {{"state", "active"}, {"silencedBy", json::array()}}},
          {"receivers", {{{"name", "fraud-sidecar"}}}},
          {"fingerprint", fingerprint},
          {"labels", {{"alertname", "Hot"}, {"severity", "critical"}}},
          {"annotations", json::object()},
          {"startsAt", kStart}};
}

class ReconcilerTest : public testing::Test {
 protected:
  ReconcilerTest() {
    base::WallMs noon = 0;
    EXPECT_TRUE(base::ParseUtc("2026-11-22T12:00:00Z", &noon));
    clock_.Advance(base::Millis(noon - clock_.Now()));
    store_ = std::move(*store::Store::Open(folder_.File("history.db"), clock_, &metrics_));
    emergency_ = std::make_unique<Emergency>(&pages_, store_.get(), &clock_, &metrics_, policy_,
                                             true, [] {});
    Start();
  }
  void Start() {
    const HttpGet http = [this](const base::HttpCall& call, const std::stop_token&) {
      base::HttpReply reply{.status = status_, .body = R"({"uptime": "2026-11-22T00:00:00Z"})"};
      if (call.url.ends_with("/api/v2/receivers")) {
        reply.body = R"([{"name": "fraud-sidecar"}])";
      } else if (!call.url.ends_with("/api/v2/status")) {
        reply.body = answer_;
        if (meanwhile_) meanwhile_();
      }
      return base::HttpOutcome{.reply = reply};
    };
    reconciler_ = std::make_unique<Reconciler>(
        store_.get(), &sampler_, &clock_, &metrics_, policy_,
        ReconcileOptions{.urls = {"http://am:9093"}, .receiver = "fraud-sidecar", .source = "prod"},
        http, [this] { ++wakes_; }, emergency_.get());
  }
  void Round(int rounds = 1) {
    for (int i = 0; i < rounds; ++i) {
      clock_.Advance(base::Millis(60'000));
      reconciler_->RunOnce({});
    }
  }
  void Webhook(const std::string& source, bool firing = true, const std::string& name = "Hot") {
    Alert alert{.firing = firing,
                .fingerprint = "f1",
                .labels = {{"alertname", name}, {"severity", "critical"}}};
    EXPECT_TRUE(base::ParseUtc(kStart, &alert.starts_at_ms));
    const auto stored = store_->Write([&](const store::Database& database) -> base::Status {
      Recorder recorder(&database, "i", &policy_, {.source = source, .now = clock_.Now()});
      if (auto applied = recorder.Apply(alert); !applied) return applied;
      return recorder.Announce();
    });
    ASSERT_TRUE(stored.ok());
  }
  // The disk is full: people are told of it out of memory.
  void Refuse(bool firing) {
    Alert alert{.firing = firing, .fingerprint = "f1", .labels = {{"severity", "critical"}}};
    EXPECT_TRUE(base::ParseUtc(kStart, &alert.starts_at_ms));
    emergency_->Refused({.source = "prod", .now = clock_.Now()}, {alert},
                        base::Error{base::ErrorCode::kFull, "disk full"});
  }
  json Alerts() { return json::parse(query::ListAlerts(*store_, {}).body)["alerts"]; }
  std::int64_t Count(const std::string& rows) {
    std::int64_t count = -1;
    const auto read = store_->Read([&](const store::Database& database) {
      auto query = database.Prepare("SELECT count(*) FROM " + rows);
      if (query.Next()) count = query.Int(0);
      return query.status();
    });
    EXPECT_TRUE(read.ok());
    return count;
  }
  bool Counted(const std::string& result, int count) {
    return metrics_.Text().find("fraud_sidecar_reconcile_total{result=\"" + result + "\"} " +
                                std::to_string(count) + "\n") != std::string::npos;
  }

  Policy policy_{.notify_severities = {"critical"}, .targets = {{"email", "a@example.org"}}};
  support::TempDir folder_;
  support::ManualClock clock_;
  base::Metrics metrics_;
  cgroup::Sampler sampler_{cgroup::Reader(folder_.path(), {.pid = 1}, {}), &clock_};
  std::unique_ptr<store::Store> store_;
  notifier::MemoryOutbox pages_{Emergency::kMaxMessages};
  std::unique_ptr<Emergency> emergency_;
  std::unique_ptr<Reconciler> reconciler_;
  int status_ = 200;
  std::string answer_ = "[]";
  std::function<void()> meanwhile_;
  int wakes_ = 0;
};

TEST_F(ReconcilerTest, AnAlertThatNobodyToldOfIsOpenedLateAndTold) {
  answer_ = json::array({Listed("f1")}).dump();
  Round(5);
  ASSERT_EQ(Alerts().size(), 1u);
  EXPECT_EQ(Alerts()[0]["source"], "prod");
  EXPECT_EQ(Count("episodes WHERE late = 1"), 1);
  EXPECT_EQ(Count("outbox"), 1);
  EXPECT_EQ(wakes_, 1);
  EXPECT_TRUE(Counted("opened", 1));
  EXPECT_TRUE(Counted("ok", 5));
}

TEST_F(ReconcilerTest, WhatWasPagedOutOfMemoryIsLeftToItsWebhookForAWhile) {
  answer_ = json::array({Listed("f1")}).dump();
  Refuse(true);
  Round(9);
  EXPECT_TRUE(Alerts().empty()) << "its webhook comes again, and takes the page over";
  Round();
  EXPECT_EQ(Count("episodes WHERE late = 1"), 1) << "it did not come";
}

TEST_F(ReconcilerTest, AnEndThatWasPagedOutOfMemoryIsLeftToItsWebhookForAWhile) {
  Webhook("prod");
  const auto told = store_->Write([](const store::Database& database) {
    return database.Execute("UPDATE outbox SET state = 'delivered'");
  });
  ASSERT_TRUE(told.ok());
  Round(2);
  Refuse(false);
  Round(9);
  EXPECT_EQ(Alerts()[0]["state"], "open");
  Round();
  EXPECT_EQ(Alerts()[0]["state"], "ended");
}

TEST_F(ReconcilerTest, ListedEpisodesAreMarkedAndCountNoWebhook) {
  Webhook("prod");
  json silenced = Listed("f1");
  silenced["status"]["silencedBy"] = {"s"};
  answer_ = json::array({silenced}).dump();
  Round();
  EXPECT_EQ(Count("episodes WHERE silenced = 1 AND seen_count = 1 AND listed_at_ms = " +
                  std::to_string(clock_.Now())),
            1);
}

TEST_F(ReconcilerTest, AnAbsentOneEndsAndIsTold) {
  Webhook("prod");
  answer_ = json::array({Listed("f1")}).dump();
  Round();
  answer_ = "[]";
  Round(2);
  EXPECT_EQ(Alerts()[0]["state"], "open");
  Round();
  EXPECT_EQ(Alerts()[0]["state"], "ended");
  EXPECT_EQ(Alerts()[0]["end_reason"], "resolved");
  EXPECT_EQ(Alerts()[0]["ended_at"], "2026-11-22T12:01:00.000Z");
  EXPECT_EQ(Count("outbox"), 2);
  EXPECT_TRUE(Counted("ended", 1));
  EXPECT_EQ(wakes_, 1);
}

TEST_F(ReconcilerTest, OwnEpisodesAndThoseOfOtherSourcesAreNeverTouched) {
  Webhook("fraud-sidecar", true, "MonitoringBlind");
  Webhook("elsewhere");
  Round(10);
  EXPECT_EQ(Count("episodes WHERE ended_at_ms IS NULL AND listed_at_ms IS NULL"), 2);
}

TEST_F(ReconcilerTest, A500AndGarbageEndNothing) {
  Webhook("prod");
  status_ = 500;
  Round(5);
  EXPECT_TRUE(Counted("unanswered", 5));
  status_ = 200;
  answer_ = "<html>";
  Round(5);
  EXPECT_TRUE(Counted("invalid", 5));
  EXPECT_TRUE(Counted("ok", 0));
  EXPECT_EQ(Alerts()[0]["state"], "open");
}

TEST_F(ReconcilerTest, AnAnswerThatAWebhookOvertookIsNotFollowed) {
  Webhook("prod");
  answer_ = json::array({Listed("f1")}).dump();
  meanwhile_ = [this] { Webhook("prod", false); };  // resolved, after the answer was made
  Round();
  meanwhile_ = nullptr;
  EXPECT_EQ(Alerts().size(), 1u);
  EXPECT_EQ(Alerts()[0]["end_reason"], "resolved");
  EXPECT_TRUE(Counted("opened", 0));
}

TEST_F(ReconcilerTest, WhatCannotBeStoredComesInTheNextRound) {
  const auto execute = [&](const char* sql) {
    return store_->Write([&](const store::Database& database) { return database.Execute(sql); });
  };
  ASSERT_TRUE(execute("CREATE TRIGGER full BEFORE INSERT ON outbox"
                      " BEGIN SELECT raise(ABORT, 'disk full'); END")
                  .ok());
  answer_ = json::array({Listed("f1")}).dump();
  Round(2);
  EXPECT_TRUE(Alerts().empty());
  EXPECT_TRUE(Counted("opened", 0));
  ASSERT_TRUE(execute("DROP TRIGGER full").ok());
  Round();
  EXPECT_EQ(Count("outbox"), 1);
  EXPECT_TRUE(Counted("opened", 1));
}

}  // namespace
}  // namespace sidecar::webhook
