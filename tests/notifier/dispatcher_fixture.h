#pragma once

#include <gtest/gtest.h>

#include <string>

#include "notifier/dispatcher.h"
#include "tests/support/fake_channel.h"
#include "tests/support/fake_outbox.h"
#include "tests/support/manual_clock.h"

namespace notifier {

// One channel, "email", with an outbox in memory.
class DispatcherTest : public testing::Test {
 protected:
  static constexpr base::WallMs kStart = 1'000'000;

  long long Add(const std::string& subject, const std::string& thread = "episode") {
    return outbox.Add({.key = subject + std::to_string(++added),
                       .channel = "email",
                       .target = "admin@example.org",
                       .thread = thread,
                       .subject = subject,
                       .created_at_ms = clock.Now()});
  }
  void Answer(Outcome outcome) { channel.answers = {{.outcome = outcome, .detail = "said"}}; }
  Dispatcher Make(const Advice& advice) {
    return {&outbox, &channel, &clock, &report, policy, [] { return 1.0; }, advice};
  }
  int Run() { return dispatcher.RunOnce({}); }
  bool Exported(const std::string& line) {
    return metrics.Text().find("\n" + line + "\n") != std::string::npos;
  }

  const RetryPolicy policy = {.first = base::Millis(2000), .give_up = base::Millis(3'600'000)};
  support::FakeOutbox outbox;
  support::FakeChannel channel;
  support::ManualClock clock{kStart};
  base::Metrics metrics;
  TryReport report{&metrics, "email"};
  Dispatcher dispatcher{&outbox, &channel, &clock, &report, policy, [] { return 1.0; }};
  int added = 0;
};

}  // namespace notifier
