#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "sidecar/peers/asker.h"
#include "sidecar/peers/roster.h"
#include "sidecar/store/store.h"

namespace sidecar::peers {

// Goes to the peers after the fact, so that neither a webhook nor a message waits for them:
//   what a server accepted from us is told to all, so that who holds the same message need not
//     send it should we die, and later ones can reply to it
//   the CPU beside each of them is asked when people are told of a transition, and kept with it
// A peer that turned out to be this process itself is passed over. Best effort, bounded: what
// cannot be told now is not told again (it can still be asked for), and of many transitions at once
// only the first kMaxTransitions get evidence. Both begin with what comes after Courier was made.
// Not thread-safe; a PeriodicWorker calls RunOnce.
class Courier {
 public:
  static constexpr base::Millis kTimeout{2'000};
  static constexpr int kMaxTransitions = 50;

  // `name` is this sidecar's. The pointers outlive it.
  Courier(store::Store* store, const Asker* asker, const Roster* roster, std::string name);

  // Looks only when something was written since.
  void RunOnce(const std::stop_token& stop);

 private:
  // false: there may be more, or the history could not be read.
  bool TellNews(const std::stop_token& stop);
  bool FetchEvidence(const std::stop_token& stop);

  store::Store* store_;
  const Asker* asker_;
  const Roster* roster_;
  const std::string name_;
  std::int64_t seen_write_ = -1;
  std::int64_t told_attempt_ = 0;
  std::int64_t told_transition_ = 0;
};

// The peers' CPUs as one JSON array: [{"name", "evidence": {...}} or {"name", "unknown": why}].
// Each answer is GET /api/v1/cpu's, or why there is none; `names` in the same order. Pure.
std::string EvidenceOfPeers(const std::vector<Peer>& peers,
                            const std::vector<base::Result<std::string>>& answers);

}  // namespace sidecar::peers
