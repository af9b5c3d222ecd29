#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "base/settings.h"

namespace base {

// A program with one flag of each kind.
class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    settings_.Section("HTTP");
    settings_.Add("listen", &listen_, "ADDRESS:PORT", "Where the API is served.");
    settings_.Add("threads", &threads_, 1, 64, "Requests served at once.");
    settings_.Section("CPU");
    settings_.Add("sample-interval", &interval_, Millis{100}, Millis{60'000}, "How often to look.");
    settings_.Add("cpu-limit-cores", &cores_, 0, 1024, "The declared limit.");
    settings_.Add("target-pid", &pid_, 1, 4'194'304, "The process to measure.");
    settings_.Add("mail-to", &mail_to_, "ADDRESS", "Who gets the mail.");
    settings_.Add("once", &once_, "Look once and end.");
    settings_.AddChoice("log-format", &log_format_, {"logfmt", "json"}, "How lines look.");
  }

  Result<Settings::Action> Parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "fraud-test");
    return settings_.Parse(static_cast<int>(arguments.size()), arguments.data());
  }

  // The mistakes of `arguments`, one a line; "" when there is none.
  std::string Mistakes(std::vector<const char*> arguments) {
    const auto outcome = Parse(std::move(arguments));
    if (outcome.ok()) return "";
    EXPECT_EQ(outcome.error().code, ErrorCode::kInvalid);
    return outcome.error().message;
  }

  std::string listen_ = "127.0.0.1:8082";
  int threads_ = 8;
  Millis interval_{1000};
  std::optional<double> cores_;
  std::optional<int> pid_;
  std::vector<std::string> mail_to_;
  bool once_ = false;
  std::string log_format_ = "logfmt";
  Settings settings_{"fraud-test", "shows what settings do", "A first paragraph.\n\nA second.",
                     "1.2.3"};
};

}  // namespace base
