#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "notifier/memory_outbox.h"

namespace support {

// A MemoryOutbox, whose contract is tested, that fails when a test says so.
class FakeOutbox final : public notifier::Outbox {
 public:
  base::Result<std::optional<notifier::Claimed>> ClaimNext(std::string_view channel,
                                                           base::WallMs now,
                                                           base::Millis lease) override {
    if (claim_error) return *claim_error;
    last_lease = lease;
    return memory.ClaimNext(channel, now, lease);
  }
  base::Status Settle(const notifier::Claimed& claimed, const notifier::Settlement& settlement,
                      base::WallMs now) override {
    if (settle_error) return *settle_error;
    return memory.Settle(claimed, settlement, now);
  }
  base::Status Release(const notifier::Claimed& claimed, base::WallMs due_at_ms,
                       base::WallMs now) override {
    if (settle_error) return *settle_error;
    return memory.Release(claimed, due_at_ms, now);
  }

  long long Add(const notifier::Message& message) { return *memory.Add(message); }
  notifier::State StateOf(long long id) { return memory.Find(id)->state; }
  base::WallMs DueOf(long long id) { return memory.Find(id)->due_at_ms; }
  std::vector<std::pair<int, notifier::Outcome>> AttemptsOf(long long id) {
    return memory.Find(id)->tries;
  }
  void Restart() { memory.LoseClaims(); }  // another process owns the claims from now on

  notifier::MemoryOutbox memory{1'000};
  // While set, the call fails and changes nothing.
  std::optional<base::Error> claim_error;
  std::optional<base::Error> settle_error;
  base::Millis last_lease{0};
};

}  // namespace support
