#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "sidecar/peers/asker.h"
#include "sidecar/peers/identity.h"

namespace sidecar::peers {

// What of the peers' settings does not fit ours: each mistake is logged when it is first seen and
// when it is mended. It only warns; what a message makes of an odd answer is Decide's to say.
// Thread-safe. Metric: fraud_sidecar_peer_misconfigured{peer,reason}, 1 or 0, absent as long as a
// peer has not said who it is.
class Roster {
 public:
  static constexpr base::Millis kTimeout{2'000};
  // How often the peers are asked who they are, and how often while one has not answered: mistakes
  // are to be known before the first page.
  static constexpr base::Millis kEvery{60'000};
  static constexpr base::Millis kUntilAnswered{10'000};

  // `own` is called from any thread. The pointers outlive it.
  Roster(const Asker* asker, const base::Clock* clock, std::function<Identity()> own,
         base::Metrics* metrics);

  [[nodiscard]] Identity own() const { return own_(); }

  // What a peer answered. Without an identity nothing is known of its settings; a problem is logged
  // when it is new.
  void Met(const Peer& peer, const Told& told);
  // It refused the token. What was known else of it stays.
  void Refused(const Peer& peer);
  // It has no place to ask who it is: an older release. Only what was known of the token stays, as
  // nobody guards what is not there.
  void Lacks(const Peer& peer);

  // Asks all, when it is time. A PeriodicWorker calls it each kUntilAnswered.
  void RunOnce(const std::stop_token& stop);

  struct Finding {
    std::string peer;
    Mistake mistake = Mistake::kItself;
  };
  [[nodiscard]] std::vector<Finding> Findings() const;
  [[nodiscard]] bool IsItself(const Peer& peer) const;
  // All peers but those known to be this very process.
  [[nodiscard]] std::vector<Peer> TrueOthers() const;

 private:
  // What the worker was told. Whether it was an answer.
  bool Hear(const Peer& peer, const base::Result<std::string>& body);

  struct Known {
    std::string name;  // Peer's
    bool said_who = false;
    std::string problem;  // Told's
    std::set<Mistake> mistakes;
  };
  // What collectors may still ask for when the rest is gone.
  struct Book {
    mutable std::mutex mutex;
    std::map<int, Known> by_position;
  };
  // What `change` makes of it, under the lock; what differs is logged after it, so that lines of
  // two changes at once may come in another order.
  void Change(const Peer& peer, const std::function<void(Known*)>& change);
  static void Collect(const Book& book, base::Sample* out);

  const Asker* asker_;
  const base::Clock* clock_;
  const std::function<Identity()> own_;
  const std::shared_ptr<Book> book_ = std::make_shared<Book>();
  base::SteadyTime next_{};  // of RunOnce's one thread
};

}  // namespace sidecar::peers
