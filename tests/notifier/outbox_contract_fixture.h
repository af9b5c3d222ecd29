#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "notifier/outbox.h"

namespace notifier {

// The verbs of tests/notifier/outbox_contract.h, where Bench is described.
template <typename Bench>
class OutboxContract : public testing::Test {
 protected:
  static constexpr base::WallMs kStart = 1'000'000;
  static constexpr base::Millis kLease{60'000};

  long long Add(const std::string& thread, const std::string& target = "admin@example.org",
                const std::string& channel = "email") {
    return bench.Add(Make(thread, target, channel));
  }
  Message Make(const std::string& thread, const std::string& target = "admin@example.org",
               const std::string& channel = "email") {
    return {.key = "key-" + std::to_string(++added),
            .channel = channel,
            .target = target,
            .thread = thread,
            .subject = "subject",
            .text = "text",
            .bold = {{0, 2}, {3, 4}},
            .html = "<p>text</p>",
            .severity = "critical",
            .urgent = urgent,
            .created_at_ms = kStart + added,
            .not_before_ms = not_before_ms};
  }

  std::optional<Claimed> Claim(const char* channel = "email") {
    auto claimed = bench.outbox().ClaimNext(channel, now, kLease);
    EXPECT_TRUE(claimed.ok()) << claimed.error().message;
    return claimed.ok() ? *claimed : std::nullopt;
  }
  long long ClaimId() {
    const auto claimed = Claim();
    return claimed ? claimed->id : 0;
  }

  // `id` is what the server calls the message.
  base::Status Settle(const Claimed& claimed, State state, base::Millis wait = {},
                      const std::string& id = "") {
    Outcome outcome = Outcome::kDelivered;
    if (state == State::kRetrying || state == State::kExpired) outcome = Outcome::kTemporary;
    if (state == State::kAmbiguous) outcome = Outcome::kAmbiguous;
    if (state == State::kFailed) outcome = Outcome::kPermanent;
    return bench.outbox().Settle(
        claimed,
        {.state = state,
         .due_at_ms = now + wait.count(),
         .result = {.outcome = outcome, .code = 250, .detail = "said", .provider_id = id}},
        now);
  }
  void SettleOk(const Claimed& claimed, State state, base::Millis wait = {}) {
    const base::Status status = Settle(claimed, state, wait);
    EXPECT_TRUE(status.ok()) << status.error().message;
  }

  using Attempts = std::vector<std::pair<int, Outcome>>;

  Bench bench;
  int added = 0;
  bool urgent = true;  // of what Add adds
  base::WallMs not_before_ms = 0;
  base::WallMs now = kStart + 1000;
};

}  // namespace notifier
