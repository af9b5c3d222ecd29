#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "notifier/outbox.h"
#include "sidecar/store/database.h"

// The arrows of notifier/outbox.h, each one statement. Inside the caller's Work.
namespace sidecar::store {

// sending -> ambiguous, for each claim of `channel` that has nobody behind it: its lease ran out,
// or another run of the process took it. Its try is recorded as one without an answer.
base::Status LoseClaims(const Database& database, const std::string& channel,
                        const std::string& owner, base::WallMs now);

// The next due row -> sending. nullopt: none.
base::Result<std::optional<notifier::Claimed>> TakeNext(const Database& database,
                                                        const std::string& channel,
                                                        const std::string& owner, base::WallMs now,
                                                        base::Millis lease);
// When a row of `channel` is due, or a lease ends, the next time; nullopt: none is live.
base::Result<std::optional<base::WallMs>> NextDue(const Database& database,
                                                  const std::string& channel);

// Records the try; sending -> settlement.state. false: the row is no longer this claim's.
base::Result<bool> SettleRow(const Database& database, const notifier::Claimed& claimed,
                             const notifier::Settlement& settlement, base::WallMs now);
// sending -> pending. false: as above.
base::Result<bool> ReleaseRow(const Database& database, const notifier::Claimed& claimed,
                              base::WallMs due_at_ms, base::WallMs now);

// pending, retrying or ambiguous -> delivered, since another sidecar's server accepted it; with a
// try "elsewhere". false: the row is in none of these states.
base::Result<bool> SettleRowElsewhere(const Database& database, std::int64_t id,
                                      const std::string& detail, const std::string& provider_id,
                                      base::WallMs now);

// What is known of a page that was sent, or begun, before its row was made.
struct SentBefore {
  std::string key;  // that of the message that went out; "": there is none for this row
  bool accepted = false;
  std::string provider_id;
};
// pending -> delivered, or ambiguous when nobody knows yet; with a try that says why. `due_at_ms`
// is for the latter.
base::Status AdoptRow(const Database& database, std::int64_t id, const SentBefore& sent,
                      base::WallMs due_at_ms, base::WallMs now);

}  // namespace sidecar::store
