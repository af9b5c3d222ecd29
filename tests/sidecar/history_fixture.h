#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/store/store.h"
#include "sidecar/webhook/herald.h"
#include "sidecar/webhook/recorder.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace sidecar::webhook {

// A history, what is recorded into it and what the herald tells of it. Times are minutes since
// Start(), 2026-11-22T10:00:00Z.
class History : public testing::Test {
 protected:
  static base::WallMs At(double minute) {
    return 1'795'341'600'000 + static_cast<base::WallMs>(minute * 60'000);
  }

  History() {
    store_ = std::move(*store::Store::Open(folder_.File("history.db"), clock_, &metrics_));
    Wire();
  }
  // The herald anew, as after a restart or with another policy.
  void Wire() {
    herald_metrics_ = std::make_unique<base::Metrics>();
    herald_ = std::make_unique<Herald>(store_.get(), &sampler_, herald_metrics_.get(), policy_,
                                       [this] { ++wakes_; });
  }

  static Alert Hot(bool firing, double starts, std::optional<double> ends = {}) {
    Alert alert{.firing = firing,
                .fingerprint = "f1",
                .labels = {{"alertname", "Hot"}, {"severity", "critical"}},
                .annotations = {{"summary", "hot"}},
                .starts_at_ms = At(starts)};
    if (ends) alert.ends_at_ms = At(*ends);
    return alert;
  }
  static Alert Firing(double starts) { return Hot(true, starts); }
  static Alert Resolved(double starts, double ends) { return Hot(false, starts, ends); }
  // One of many that are not critical.
  static Alert Warm(int number, bool firing = true, double starts = 0) {
    Alert alert = Hot(firing, starts);
    alert.fingerprint = "warm" + std::to_string(number);
    alert.labels = {{"alertname", "Warm" + std::to_string(number % 12)}, {"severity", "warning"}};
    if (!firing) alert.ends_at_ms = At(starts) + 1'000;
    return alert;
  }

  // What the alerts changed, all in one Work at that minute.
  std::map<Step, int> Record(double minute, const std::vector<Alert>& alerts, bool late = false,
                             const std::string& source = "prod") {
    std::map<Step, int> steps;
    const auto stored = store_->Write([&](const store::Database& database) -> base::Status {
      const auto webhook = store::AddWebhook(database, source, "{}", At(minute));
      if (!webhook) return webhook.error();
      Origin origin{.source = source, .webhook_id = *webhook, .now = At(minute), .late = late};
      if (late) origin.webhook_id.reset();
      Recorder recorder(&database, store_->instance(), &policy_, origin);
      for (const Alert& alert : alerts) {
        if (auto applied = recorder.Apply(alert); !applied) return applied;
      }
      steps = recorder.steps();
      return recorder.Announce();
    });
    EXPECT_TRUE(stored.ok()) << stored.error().message;
    return steps;
  }
  Step RecordOne(double minute, const Alert& alert, bool late = false) {
    return Record(minute, {alert}, late).begin()->first;
  }
  void Tell(double minute) { herald_->RunOnce(At(minute)); }

  // The first column of each row.
  std::vector<std::string> Rows(const std::string& sql) {
    std::vector<std::string> rows;
    const auto read = store_->Read([&](const store::Database& database) {
      auto query = database.Prepare(sql);
      while (query.Next()) rows.push_back(query.Text(0));
      return query.status();
    });
    EXPECT_TRUE(read.ok()) << read.error().message;
    return rows;
  }
  std::string Value(const std::string& sql) {
    const auto rows = Rows(sql);
    return rows.size() == 1 ? rows[0] : "not one row";
  }
  std::int64_t Count(const std::string& table) {
    return std::stoll(Value("SELECT count(*) FROM " + table));
  }
  // What people were told, oldest first.
  std::vector<std::string> Subjects() { return Rows("SELECT subject FROM outbox ORDER BY id"); }
  void Execute(const std::string& sql) {
    EXPECT_TRUE(
        store_->Write([&](const store::Database& database) { return database.Execute(sql); }).ok());
  }

  Policy policy_{.notify_severities = {"critical", "warning"},
                 .targets = {{"email", "a@example.org"}},
                 .public_url = "https://alerts.example.org"};
  support::TempDir folder_;
  support::ManualClock clock_{At(0)};
  base::Metrics metrics_;
  cgroup::Sampler sampler_{cgroup::Reader(folder_.path(), {.pid = 1}, {}), &clock_};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<base::Metrics> herald_metrics_;
  std::unique_ptr<Herald> herald_;
  int wakes_ = 0;
};

}  // namespace sidecar::webhook
