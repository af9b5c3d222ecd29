#pragma once

#include <gtest/gtest.h>

#include "sidecar/store/outbox.h"
#include "sidecar/webhook/emergency.h"
#include "sidecar/webhook/ingest.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace sidecar::webhook {

using notifier::Claimed;
using notifier::Outcome;
using notifier::State;

inline constexpr char kStart[] = "2026-11-22T10:00:00Z";
inline constexpr base::Millis kLease{60'000};

// One alert of a webhook.
struct AlertBody {
  std::string status;
  std::string starts = kStart;
  std::string fingerprint = "f1";
  std::string name = "Hot";
  std::string severity = "critical";

  [[nodiscard]] std::string Json() const {
    const std::string ends = status == "firing" ? "0001-01-01T00:00:00Z" : "2026-11-22T10:06:00Z";
    return R"({"status": ")" + status + R"(", "fingerprint": ")" + fingerprint +
           R"(", "labels": {"alertname": ")" + name + R"(", "severity": ")" + severity +
           R"("}, "annotations": {"summary": "hot"}, "startsAt": ")" + starts +
           R"(", "endsAt": ")" + ends + R"("})";
  }
};

// A history that a trigger makes unwritable, the pages in memory, and the rows on disk.
class EmergencyFixture : public testing::Test {
 protected:
  EmergencyFixture() { Wire(); }
  void Wire() {
    emergency_ = std::make_unique<Emergency>(&pages_, store_.get(), &clock_, &metrics_, policy_,
                                             alone_, [this] { ++wakes_; });
    ingest_ = std::make_unique<Ingest>(
        store_.get(), &sampler_, &clock_, &metrics_, policy_, [] {}, emergency_.get(),
        [this](const std::string& source) { heard_ += source + " "; });
  }
  void Sql(const std::string& sql) {
    ASSERT_TRUE(
        store_->Write([&](const store::Database& database) { return database.Execute(sql); }).ok());
  }
  void Break() {
    Sql("CREATE TRIGGER full BEFORE INSERT ON webhooks BEGIN SELECT raise(ABORT, 'full'); END");
  }
  void Mend() { Sql("DROP TRIGGER full"); }
  int Post(const std::vector<AlertBody>& alerts) {
    std::string body;
    for (const AlertBody& alert : alerts) body += (body.empty() ? "" : ", ") + alert.Json();
    return ingest_->Handle("prod", R"({"version": "4", "alerts": [)" + body + "]}").status;
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
  std::string heard_;
};

}  // namespace sidecar::webhook
