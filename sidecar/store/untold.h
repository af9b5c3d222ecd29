#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "sidecar/store/database.h"
#include "sidecar/store/episodes.h"

// What people are still to be told of, and how much they were told lately. transitions.tell is
// described in schema.cc. Inside the caller's Work; each look is bounded by an index or a limit.
namespace sidecar::store {

// ---- one alert

// The newest transition of an episode.
base::Result<std::optional<TransitionRow>> NewestTransition(const Database& database,
                                                            std::int64_t episode_id);
// The startsAt of the newest firing that opened the episode again; nullopt: there was none.
base::Result<std::optional<base::WallMs>> RefiredSince(const Database& database,
                                                       std::int64_t episode_id);
// How often the alert ended, by our clock after `from` and not after `to`. Never counts further
// than its kMostEnds newest episodes.
base::Result<std::int64_t> CountEnds(const Database& database, const std::string& source,
                                     const std::string& fingerprint, base::WallMs from,
                                     base::WallMs to);
inline constexpr std::int64_t kMostEnds = 20;
// When the alert's episode before that one ended; nullopt: there is none.
base::Result<std::optional<base::WallMs>> PreviousEnd(const Database& database,
                                                      const EpisodeRow& episode);
// startsAt is what an earlier word of it said.
base::Status MoveStart(const Database& database, std::int64_t id, base::WallMs starts_at_ms);
// An ended episode is open again, with one more flap.
base::Status Refire(const Database& database, std::int64_t id);

// ---- the last minute

// Which alerts people are told of, and how far to count.
struct Heed {
  std::set<std::string> severities;
  std::int64_t enough = 0;
};
// Firings and ends after `from` and not after `to` that people are told of, `enough` at most.
base::Result<std::int64_t> CountToldOf(const Database& database, const Heed& heed,
                                       base::WallMs from, base::WallMs to);

// ---- what is kept back

// tell = 'told': their messages are in the outbox, or nobody is to be told any more.
base::Status MarkTold(const Database& database, const std::vector<std::int64_t>& transitions);
// tell = 'storm'. Who is told of a firing in a summary only is not told of it singly: the episodes
// of those transitions are never reminded of.
base::Status MarkStorm(const Database& database, const std::vector<std::int64_t>& transitions);

struct HeldEnd {
  EpisodeRow episode;
  TransitionRow transition;
};
// Ends whose hold is over. A hold that was reckoned from a later time than `now` is over too: a
// clock that was set back keeps nothing back.
base::Result<std::vector<HeldEnd>> DueHeld(const Database& database, base::WallMs now, int limit);

// Open episodes of those severities, not silenced, for which a reminder is due: one at each whole
// `every` (over 0) since startsAt, so that all sidecars remind at the same time, but none within
// half of it after people were last told singly. Due too when that was later than `now`.
base::Result<std::vector<EpisodeRow>> DueReminders(const Database& database,
                                                   const std::set<std::string>& severities,
                                                   base::Millis every, base::WallMs now, int limit);
base::Status NoteReminded(const Database& database, std::int64_t id, base::WallMs now);

struct StormName {
  std::string name;
  std::int64_t firing = 0;
  std::int64_t ended = 0;
};
// The transitions that wait for a summary.
struct Storm {
  std::int64_t firing = 0;
  std::int64_t ended = 0;
  std::int64_t names = 0;
  std::optional<base::WallMs> oldest_ms;  // by our clock; nullopt: none waits
  std::vector<StormName> top;             // those with the most, at most kTopNames
};
inline constexpr int kTopNames = 10;
base::Result<std::optional<base::WallMs>> OldestInStorm(const Database& database);
base::Result<Storm> SummariseStorm(const Database& database);
// They were told in a summary at `now`: tell = 'told', and tell_at_ms stays as the sign of it.
base::Status MarkStormTold(const Database& database, base::WallMs now);
// Whether that is how people hear, or heard, that the episode fires. Not so for one of a severity
// that nobody was told of then.
base::Result<bool> IsFiringInSummary(const Database& database, std::int64_t episode_id);

}  // namespace sidecar::store
