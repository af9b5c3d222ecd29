#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "sidecar/store/deletion.h"
#include "sidecar/store/store.h"

namespace sidecar::store {

struct RetentionPolicy {
  int days = 400;
  std::int64_t transitions = 1'000'000;
  std::int64_t bytes = 500'000'000;  // in use: pages that are free for new rows do not count
};

// Keeps the history within its policy by deleting what is oldest:
//   age    ended episodes with all that belongs to them, and what belongs to no episode (raw
//          webhooks that changed nothing, test messages)
//   size   first raw webhooks that belong to nothing, then ended episodes
//   count  ended episodes, by the number of transitions
// Never an episode that is open, nor one with a message that may still be sent or is not made yet
// (an end that is held, what waits for a summary); and one with a message that never arrived goes
// by age only. So a limit may be exceeded while these fill it.
// One thread.
class Retention {
 public:
  static constexpr int kLookedAt = 500;  // candidates judged at most

  Retention(Store* store, RetentionPolicy policy, base::Metrics* metrics);

  // One small batch: at most one short Write (deletion.h bounds it), so that others find their turn
  // between two. true: there may be more to do, call again. What was deleted is counted in
  // fraud_sidecar_history_deleted_total{reason}: episodes, and webhooks or messages of none.
  base::Result<bool> RunOnce(base::WallMs now);

 private:
  enum class Reason { kAge, kSize, kCount };
  // How far the search for one reason has come: before it nothing can go.
  struct Cursor {
    base::WallMs last_seen_ms = 0;
    std::int64_t episode = 0;
    std::int64_t webhook = 0;
  };
  // What one Write shall delete.
  struct Batch {
    std::vector<std::int64_t> webhooks, messages, episodes;
    bool seen_all = true;  // there are no more candidates than were looked at
    [[nodiscard]] bool empty() const {
      return webhooks.empty() && messages.empty() && episodes.empty();
    }
  };

  base::Result<bool> RunFor(Reason reason, base::WallMs now);
  // By how many bytes or transitions the limit is exceeded; age says 1.
  [[nodiscard]] base::Result<std::int64_t> Excess(Reason reason) const;
  base::Status Choose(const Database& database, Reason reason, base::WallMs now, Batch* batch);
  base::Status ChooseWebhooks(const Database& database, Reason reason, base::WallMs before,
                              Batch* batch);
  base::Status ChooseEpisodes(const Database& database, Reason reason, base::WallMs before,
                              Batch* batch);
  base::Status Delete(Reason reason, std::int64_t excess, const Batch& batch);
  base::Status DeleteEpisodes(const Database& database, Reason reason, std::int64_t excess,
                              const Batch& batch, Deletion* deletion) const;
  Cursor& CursorOf(Reason reason) { return cursors_[static_cast<std::size_t>(reason)]; }

  Store* store_;
  const RetentionPolicy policy_;
  std::array<Cursor, 3> cursors_;  // by Reason
  std::array<base::Counter*, 3> deleted_{};
};

}  // namespace sidecar::store
