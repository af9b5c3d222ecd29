#pragma once

#include "base/clock.h"
#include "notifier/gate.h"
#include "sidecar/peers/asker.h"
#include "sidecar/store/store.h"

namespace sidecar::peers {

// Asks the other sidecars before a message goes out. All of them, each time: one that was down, or
// whose mail server was, may come after those that waited behind it. Thread-safe.
class PeerGate final : public notifier::Gate {
 public:
  static constexpr base::Millis kTimeout{2'000};
  // How long after its start a process may get webhooks that others had long before: Alertmanager
  // tries again until about group_interval.
  static constexpr base::Millis kFresh{10 * 60'000};

  // All pointers outlive it.
  PeerGate(const store::Store* store, const Asker* asker, const base::Clock* clock, int position,
           base::Millis hold);

  [[nodiscard]] base::Millis LongestAsk() const override { return kTimeout + base::Millis(1'000); }
  notifier::Passage Ask(const notifier::Claimed& claimed, const std::stop_token& stop) override;

 private:
  const store::Store* store_;
  const Asker* asker_;
  const base::Clock* clock_;
  const int position_;
  const base::Millis hold_;
  const base::SteadyTime began_;
};

}  // namespace sidecar::peers
