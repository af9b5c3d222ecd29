#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sidecar/peers/asker.h"
#include "sidecar/peers/desk.h"
#include "sidecar/peers/peer_gate.h"
#include "sidecar/query/api.h"
#include "sidecar/store/messages.h"
#include "sidecar/store/outbox.h"
#include "sidecar/webhook/ingest.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

// Several sidecars in one process, joined by a network that a test can break.
namespace sidecar::peers {

constexpr base::Millis kHold{20'000};
constexpr base::Millis kLease{60'000};
constexpr char kStart[] = "2026-11-22T10:00:00Z";

class PeerTest : public testing::Test {
 protected:
  // One sidecar: what it stores, and how it asks the others.
  struct Side {
    Side(PeerTest* test, int position)
        : store(*store::Store::Open(test->folder_.File(std::to_string(position) + ".db"),
                                    test->clock_, &metrics)),
          outbox(store.get(), "owner"),
          sampler(cgroup::Reader(test->folder_.path(), {.pid = 1}, {}), &test->clock_),
          ingest(store.get(), &sampler, &test->clock_, &metrics,
                 {.notify_severities = {"critical"},
                  .targets = {{"email", "a@example.org"}},
                  .sidecar_name = "fraud-" + std::to_string(position),
                  .hold = position * kHold},
                 [] {}),
          asker(
              Others({"http://fraud-0", "http://fraud-1"}, position), test->folder_.File("tokens"),
              [test](const base::HttpCall& call, const std::stop_token&) {
                return test->Carry(call);
              },
              &metrics),
          roster(
              &asker, &test->clock_, [test, position] { return test->IdentityOf(position); },
              &metrics),
          gate(store.get(), &asker, &roster, &test->clock_, kHold) {}

    base::Metrics metrics;
    std::unique_ptr<store::Store> store;
    store::SqliteOutbox outbox;
    cgroup::Sampler sampler;
    webhook::Ingest ingest;
    Asker asker;
    Roster roster;
    PeerGate gate;
  };

  PeerTest() {
    base::WallMs now = 0;
    EXPECT_TRUE(base::ParseUtc("2026-11-22T10:00:30Z", &now));
    clock_.Advance(base::Millis(now - clock_.Now()));
    folder_.Write("tokens", "old-enough 0123456789abcdef\nnext fedcba9876543210\n");
    for (const int position : {0, 1}) sides_.push_back(std::make_unique<Side>(this, position));
  }

  [[nodiscard]] Identity IdentityOf(int position) const {
    return identities_.at(static_cast<std::size_t>(position));
  }
  Side& side(int position) { return *sides_.at(static_cast<std::size_t>(position)); }

  void Post(int position, const std::string& status = "firing", const std::string& starts = kStart,
            const std::string& ends = "0001-01-01T00:00:00Z") {
    const std::string body =
        R"({"version": "4", "alerts": [{"fingerprint": "f1", "annotations": {},)"
        R"("labels": {"alertname": "Hot", "severity": "critical"}, "status": ")" +
        status + R"(", "startsAt": ")" + starts + R"(", "endsAt": ")" + ends + R"("}]})";
    ASSERT_EQ(side(position).ingest.Handle("prod", body).status, 200);
  }
  // The next message that is due.
  std::optional<notifier::Claimed> Claim(int position) {
    return *side(position).outbox.ClaimNext("email", clock_.Now(), kLease);
  }
  notifier::Passage Ask(int position, const notifier::Claimed& claimed) {
    return side(position).gate.Ask(claimed, {});
  }
  void Settle(int position, const notifier::Claimed& claimed, notifier::State state,
              notifier::Outcome outcome, const std::string& provider_id = "") {
    EXPECT_TRUE(side(position)
                    .outbox
                    .Settle(claimed,
                            {.state = state,
                             .due_at_ms = clock_.Now() + 1'000,
                             .result = {.outcome = outcome, .provider_id = provider_id}},
                            clock_.Now())
                    .ok());
  }
  void Deliver(int position, const std::string& provider_id = "77") {
    const auto claimed = Claim(position);
    ASSERT_TRUE(claimed.has_value());
    Settle(position, *claimed, notifier::State::kDelivered, notifier::Outcome::kDelivered,
           provider_id);
  }
  // A row with that key, due at once.
  void AddRow(int position, const std::string& key, std::optional<std::int64_t> transition,
              int part = 1) {
    const notifier::Message message{
        .key = key, .channel = "email", .target = "a@example.org", .part = part};
    EXPECT_TRUE(side(position)
                    .store
                    ->Write([&](const store::Database& database) -> base::Status {
                      const auto id = store::AddMessage(database, message, transition);
                      return id ? base::Status() : base::Status(id.error());
                    })
                    .ok());
  }
  // As GET /api/v1/alerts/{id} shows it.
  std::string Episode(int position, int id) {
    return query::ShowAlert(*side(position).store, {.captures = {std::to_string(id)}}).body;
  }

  // What the network does with a call: the other side's desk answers, unless a test says otherwise.
  base::HttpOutcome Carry(const base::HttpCall& call) {
    {
      const std::lock_guard lock(mutex_);
      calls_.push_back(call);
    }
    if (instead_) return instead_(call);
    const int to = call.url.starts_with("http://fraud-1") ? 1 : 0;
    const base::HttpRequest request{.body = call.body};
    base::HttpResponse response{.status = 404};
    if (call.url.ends_with("/peer/delivery")) {
      response = AnswerDelivery(*side(to).store, IdentityOf(to), request, clock_.Now());
    } else if (call.url.ends_with("/peer/identity")) {
      response = AnswerIdentity(IdentityOf(to));
    } else if (call.url.ends_with("/peer/delivered")) {
      response = TakeNews(side(to).store.get(), request, clock_.Now());
    } else if (call.url.ends_with("/cpu")) {
      response.status = 200;
      response.body = R"({"name": "fraud-x", "target_found": true, "utilization_15s": 0.5})";
    }
    return {.reply = base::HttpReply{.status = response.status, .body = response.body},
            .sent = true};
  }
  static base::HttpOutcome Dead() {
    return {.reply = base::Error{base::ErrorCode::kUnavailable, "refused"}};
  }
  static base::HttpOutcome Says(int status, const std::string& body) {
    return {.reply = base::HttpReply{.status = status, .body = body}, .sent = true};
  }

  std::vector<Identity> identities_ = {
      // what each says of itself
      {.run = "run-0", .position = 0, .name = "fraud-0", .sources = {"prod"}},
      {.run = "run-1", .position = 1, .name = "fraud-1", .sources = {"prod"}}};
  support::TempDir folder_;
  support::ManualClock clock_;
  std::function<base::HttpOutcome(const base::HttpCall&)> instead_;
  std::mutex mutex_;
  std::vector<base::HttpCall> calls_;
  std::vector<std::unique_ptr<Side>> sides_;
};

}  // namespace sidecar::peers
