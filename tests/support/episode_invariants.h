#pragma once

#include <array>
#include <string>

#include "sidecar/store/database.h"

// What holds of every history, whatever was fed to it. Only of alerts that are told of singly
// (critical), with at least one target, and when no hold is over that was not released.
namespace support {

struct Invariant {
  const char* name;
  const char* broken;  // a query whose rows break it
};

inline constexpr std::array kInvariants = {
    Invariant{"at most one episode of an alert is open, the newest",
              "SELECT a.id FROM episodes a JOIN episodes b ON a.source = b.source"
              " AND a.fingerprint = b.fingerprint AND a.id < b.id WHERE a.ended_at_ms IS NULL"},
    Invariant{"an episode ends when it begins or later",
              "SELECT id FROM episodes WHERE ended_at_ms < starts_at_ms"},
    Invariant{"an episode has a reason when it ended, and only then",
              "SELECT id FROM episodes WHERE (ended_at_ms IS NULL) <> (end_reason IS NULL)"},
    Invariant{"an episode has one firing, which is its first transition",
              "SELECT id FROM episodes e WHERE (SELECT group_concat(kind) FROM (SELECT kind FROM"
              " transitions t WHERE t.episode_id = e.id ORDER BY id LIMIT 1)) IS NOT 'firing'"
              " OR (SELECT count(*) FROM transitions t WHERE t.episode_id = e.id"
              " AND kind = 'firing') <> 1"},
    Invariant{"ends are as many as times it fired, less the one that goes on",
              "SELECT e.id FROM episodes e JOIN transitions t ON t.episode_id = e.id GROUP BY e.id"
              " HAVING sum(kind IN ('firing', 'refired')) <> flaps + 1"
              " OR sum(kind IN ('resolved', 'silenced', 'vanished'))"
              " <> flaps + (ended_at_ms NOTNULL)"},
    Invariant{"each firing is told once",
              "SELECT t.id FROM transitions t LEFT JOIN outbox o ON o.transition_id = t.id"
              " WHERE kind = 'firing' GROUP BY t.id HAVING count(o.id) <> 1"},
    Invariant{"an open episode has no told end",
              "SELECT e.id FROM episodes e JOIN transitions t ON t.episode_id = e.id"
              " JOIN outbox o ON o.transition_id = t.id"
              " WHERE ended_at_ms IS NULL AND kind <> 'firing'"},
    Invariant{"an episode has at most one told end, one unless it vanished or is held",
              "SELECT e.id FROM episodes e JOIN transitions t ON t.episode_id = e.id"
              " LEFT JOIN outbox o ON o.transition_id = t.id WHERE ended_at_ms NOTNULL"
              " GROUP BY e.id HAVING count(o.id) > 2"
              " OR (count(o.id) < 2 AND end_reason <> 'vanished' AND sum(tell = 'held') = 0)"},
    Invariant{"an end is told after its firing and before the next firing",
              "SELECT o.id FROM outbox o JOIN transitions t ON t.id = o.transition_id"
              " JOIN episodes e ON e.id = t.episode_id WHERE kind <> 'firing' AND EXISTS ("
              "SELECT 1 FROM outbox p JOIN transitions u ON u.id = p.transition_id"
              " JOIN episodes f ON f.id = u.episode_id WHERE f.source = e.source"
              " AND f.fingerprint = e.fingerprint AND u.kind = 'firing'"
              " AND (f.id <= e.id) <> (p.id < o.id))"},
    Invariant{"nothing is held of an open episode",
              "SELECT t.id FROM transitions t JOIN episodes e ON e.id = t.episode_id"
              " WHERE ended_at_ms IS NULL AND tell <> 'told'"},
};

// The first invariant that is broken, with an id; "": none is.
inline std::string BrokenInvariant(const sidecar::store::Database& database) {
  for (const auto& [name, broken] : kInvariants) {
    auto rows = database.Prepare(broken);
    if (rows.Next()) return std::string(name) + ": " + rows.Text(0);
    if (!rows.status()) return rows.status().error().message;
  }
  return "";
}

}  // namespace support
