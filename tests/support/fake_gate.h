#pragma once

#include <deque>
#include <vector>

#include "notifier/gate.h"

namespace support {

// A gate that answers as the test says, and as the last answer says when there are no more.
class FakeGate final : public notifier::Gate {
 public:
  [[nodiscard]] base::Millis LongestAsk() const override { return base::Millis(7'000); }
  notifier::Passage Ask(const notifier::Claimed& claimed,
                        const std::stop_token& /*stop*/) override {
    asked.push_back(claimed.id);
    notifier::Passage passage = answers.front();
    if (answers.size() > 1) answers.pop_front();
    return passage;
  }

  std::deque<notifier::Passage> answers = {{}};
  std::vector<long long> asked;
};

}  // namespace support
