#include "sidecar/store/schema.h"

#include <iterator>
#include <string>

namespace sidecar::store {
namespace {

// What each step makes, by which a file is known to have taken it.
constexpr const char* kMakes[] = {"meta", "outbox_delivered", "heartbeats"};

// Times are milliseconds of wall time since 1970, in UTC.
constexpr const char* kSteps[] = {
    R"sql(
-- Facts about this file: instance (random, part of every message key).
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- Every accepted webhook as it came.
CREATE TABLE webhooks (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, received_at_ms INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;

-- Bodies that can never parse; the oldest go when there are too many.
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, received_at_ms INTEGER NOT NULL,
  reason TEXT NOT NULL, body BLOB NOT NULL
) STRICT;

-- From the first firing to the resolved. Open while ended_at_ms is null.
CREATE TABLE episodes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL, fingerprint TEXT NOT NULL,
  name TEXT NOT NULL, severity TEXT NOT NULL,
  labels TEXT NOT NULL, annotations TEXT NOT NULL, generator_url TEXT NOT NULL,
  starts_at_ms INTEGER NOT NULL, ended_at_ms INTEGER, end_reason TEXT,
  first_seen_ms INTEGER NOT NULL, last_seen_ms INTEGER NOT NULL, seen_count INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX episodes_open ON episodes (source, fingerprint) WHERE ended_at_ms IS NULL;
CREATE INDEX episodes_alert ON episodes (source, fingerprint, starts_at_ms);

-- What changed in an episode, with the CPU evidence of that moment (JSON).
CREATE TABLE transitions (
  id INTEGER PRIMARY KEY AUTOINCREMENT, episode_id INTEGER NOT NULL REFERENCES episodes,
  kind TEXT NOT NULL, at_ms INTEGER NOT NULL, received_at_ms INTEGER NOT NULL,
  webhook_id INTEGER REFERENCES webhooks, evidence TEXT NOT NULL
) STRICT;
CREATE INDEX transitions_episode ON transitions (episode_id);

-- Messages to people; states and arrows are drawn in notifier/outbox.h.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE,
  transition_id INTEGER REFERENCES transitions,
  channel TEXT NOT NULL, target TEXT NOT NULL, thread TEXT NOT NULL,
  subject TEXT NOT NULL, text TEXT NOT NULL, html TEXT NOT NULL, urgent INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending', due_at_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, possible_repeat INTEGER NOT NULL DEFAULT 0,
  lease_until_ms INTEGER, owner TEXT, claimed_at_ms INTEGER, settled_at_ms INTEGER
) STRICT;
CREATE INDEX outbox_live ON outbox (channel, due_at_ms, id)
  WHERE state IN ('pending', 'sending', 'retrying', 'ambiguous');
CREATE INDEX outbox_thread ON outbox (channel, target, thread, id)
  WHERE state IN ('pending', 'sending', 'retrying', 'ambiguous');
CREATE INDEX outbox_state ON outbox (state);
CREATE INDEX outbox_transition ON outbox (transition_id);

CREATE TABLE attempts (
  id INTEGER PRIMARY KEY, outbox_id INTEGER NOT NULL REFERENCES outbox, number INTEGER NOT NULL,
  started_at_ms INTEGER NOT NULL, ended_at_ms INTEGER NOT NULL,
  outcome TEXT NOT NULL, code INTEGER NOT NULL, detail TEXT NOT NULL, provider_id TEXT NOT NULL,
  possible_repeat INTEGER NOT NULL
) STRICT;
CREATE INDEX attempts_outbox ON attempts (outbox_id, number);
)sql",
    R"sql(
-- What of the text is bold, as [[begin, end], ...] in bytes.
ALTER TABLE outbox ADD COLUMN bold TEXT NOT NULL DEFAULT '[]';
ALTER TABLE outbox ADD COLUMN severity TEXT NOT NULL DEFAULT '';
-- The first accepted message of a thread, which later ones reply to.
CREATE INDEX outbox_delivered ON outbox (channel, target, thread, id) WHERE state = 'delivered';
)sql",
    R"sql(
-- What people are to be told of a transition:
--   told   its messages are in the outbox, or nobody is to be told; with a tell_at_ms: it was part
--          of a summary then
--   held   the end of an alert that flaps: told at tell_at_ms, unless it fires again before
--   storm  it becomes part of the next summary
ALTER TABLE transitions ADD COLUMN tell TEXT NOT NULL DEFAULT 'told';
ALTER TABLE transitions ADD COLUMN tell_at_ms INTEGER;
CREATE INDEX transitions_untold ON transitions (tell, tell_at_ms) WHERE tell <> 'told';
CREATE INDEX transitions_received ON transitions (received_at_ms);
CREATE INDEX transitions_webhook ON transitions (webhook_id);
-- The CPU beside each peer at that moment, a JSON array.
ALTER TABLE transitions ADD COLUMN peers TEXT NOT NULL DEFAULT '[]';

-- How often it fired again before its end was told.
ALTER TABLE episodes ADD COLUMN flaps INTEGER NOT NULL DEFAULT 0;
-- 1: found by asking an Alertmanager, which had not told of it.
ALTER TABLE episodes ADD COLUMN late INTEGER NOT NULL DEFAULT 0;
-- When an Alertmanager last listed it, and whether it was silenced there.
ALTER TABLE episodes ADD COLUMN listed_at_ms INTEGER;
ALTER TABLE episodes ADD COLUMN silenced INTEGER NOT NULL DEFAULT 0;
-- When people were last told singly that it fires; null: never, or in a summary only.
ALTER TABLE episodes ADD COLUMN reminded_at_ms INTEGER;
CREATE INDEX episodes_ended ON episodes (last_seen_ms, id) WHERE ended_at_ms IS NOT NULL;
CREATE INDEX episodes_newest ON episodes (source, fingerprint);  -- and id, which every index has
-- What fires now was told of before reminders were known.
UPDATE episodes SET reminded_at_ms = last_seen_ms WHERE ended_at_ms IS NULL;
CREATE INDEX episodes_reminded ON episodes (reminded_at_ms)
  WHERE ended_at_ms IS NULL AND reminded_at_ms NOTNULL;

-- Which part of its text a message is, from 1, where a channel bounds the length.
ALTER TABLE outbox ADD COLUMN part INTEGER NOT NULL DEFAULT 1;
-- In the order in which rows are claimed: of thousands that wait, the first is found at once.
CREATE INDEX outbox_next ON outbox (channel, urgent DESC, due_at_ms, id)
  WHERE state IN ('pending', 'sending', 'retrying', 'ambiguous');
-- What a target was told of late, and what it accepted: for notices to the others.
CREATE INDEX outbox_target ON outbox (channel, target, created_at_ms);

-- Alerts that must be heard again and again: the Watchdog.
CREATE TABLE heartbeats (
  source TEXT NOT NULL, fingerprint TEXT NOT NULL, name TEXT NOT NULL, last_ms INTEGER NOT NULL,
  PRIMARY KEY (source, fingerprint)
) STRICT;
)sql",
};

base::Result<std::int64_t> Version(const Database& database) {
  Statement query = database.Prepare("PRAGMA user_version");
  if (query.Next()) return query.Int(0);
  return query.status().error();
}

static_assert(std::size(kMakes) == std::size(kSteps));

// The version is four bytes in the first page, which nothing else guards: with a wrong one the
// steps would fail for ever, or never be taken.
base::Status CheckVersion(const Database& database, std::int64_t version) {
  for (std::size_t step = 0; step < std::size(kMakes); ++step) {
    Statement query = database.Prepare("SELECT count(*) FROM sqlite_schema WHERE name = ?");
    query.Bind(kMakes[step]);
    if (!query.Next()) return query.status();
    if ((query.Int(0) > 0) == (static_cast<std::int64_t>(step) < version)) continue;
    return base::Error{base::ErrorCode::kCorrupt,
                       "version " + std::to_string(version) + " does not fit the tables"};
  }
  return {};
}

}  // namespace

base::Status Migrate(const Database& database) {
  const auto version = Version(database);
  if (!version) return version.error();
  if (auto fits = CheckVersion(database, *version); !fits) return fits;
  const auto known = static_cast<std::int64_t>(std::size(kSteps));
  for (auto step = *version; step < known; ++step) {
    Transaction transaction(database);
    if (!transaction.begun()) return transaction.begun();
    const std::string next = "; PRAGMA user_version = " + std::to_string(step + 1);
    if (auto done = database.Execute(kSteps[step] + next); !done) return done;
    if (auto committed = transaction.Commit(); !committed) return committed;
  }
  return {};
}

}  // namespace sidecar::store
