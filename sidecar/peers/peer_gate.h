#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "notifier/gate.h"
#include "sidecar/peers/asker.h"
#include "sidecar/peers/decide.h"
#include "sidecar/peers/roster.h"
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
  // How long a peer that let a question time out is not asked: a storm's messages shall not each
  // wait for it.
  static constexpr base::Millis kRest{5'000};

  // All pointers outlive it.
  PeerGate(const store::Store* store, const Asker* asker, Roster* roster, const base::Clock* clock,
           base::Millis hold);

  [[nodiscard]] base::Millis LongestAsk() const override { return kTimeout + base::Millis(1'000); }
  notifier::Passage Ask(const notifier::Claimed& claimed, const std::stop_token& stop) override;

 private:
  // By what the peers say of `question`; those that rest say nothing.
  Heard Hear(const Peer& peer, const Identity& own, const base::Result<std::string>& body);
  void LetRest(const Peer& peer);
  std::vector<Heard> HearAll(const std::string& question, const Identity& own,
                             const std::stop_token& stop);

  const store::Store* store_;
  const Asker* asker_;
  Roster* roster_;
  const base::Clock* clock_;
  const base::Millis hold_;
  const base::SteadyTime began_;
  std::mutex mutex_;                             // of what follows, and held for nothing else
  std::map<int, base::SteadyTime> rests_until_;  // by position
};

}  // namespace sidecar::peers
