#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "notifier/channel.h"

namespace support {

// A channel that answers as the test says, and as the last answer says when there are no more.
class FakeChannel final : public notifier::Channel {
 public:
  [[nodiscard]] std::string_view name() const override { return "email"; }
  [[nodiscard]] base::Millis LongestSend() const override { return base::Millis(45'000); }
  notifier::SendResult Send(const notifier::Message& message, const notifier::Attempt& attempt,
                            const std::stop_token& /*stop*/) override {
    sent.push_back(message.subject);
    attempts.push_back(attempt);
    if (during) during();
    notifier::SendResult result = answers.front();
    if (answers.size() > 1) answers.pop_front();
    return result;
  }

  std::deque<notifier::SendResult> answers = {{.outcome = notifier::Outcome::kDelivered}};
  std::function<void()> during;  // what happens while the message is on its way
  std::vector<std::string> sent;
  std::vector<notifier::Attempt> attempts;
};

}  // namespace support
