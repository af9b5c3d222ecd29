#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "notifier/outbox.h"
#include "sidecar/store/store.h"

// Who was told of what, in words that mean the same to every sidecar: ids and keys do not.
namespace sidecar::store {

// What a message is about. Two sidecars mean the same when all but the times are equal, the
// episodes' intervals overlap, and, for a kind that comes again within an episode ("reminder",
// "summary"), they are at most kSameRepeat apart.
struct Subject {
  std::string source;
  std::string fingerprint;
  std::string kind;                         // of the transition
  base::WallMs starts_at_ms = 0;            // of the episode, never within an earlier one
  std::optional<base::WallMs> ended_at_ms;  // absent: it is open
  base::WallMs at_ms = 0;                   // when the transition was received
  std::string channel;
  std::string target;
  int part = 1;
};
inline constexpr base::Millis kSameRepeat{90'000};

// Of one outbox row. nullopt: it has no transition or is a notice, so no other sidecar has its
// like.
base::Result<std::optional<Subject>> SubjectOf(const Store& store, std::int64_t outbox_id);

// What became of the message here.
struct Delivery {
  std::int64_t outbox_id = 0;
  // kAmbiguous also for a row whose lease ran out, and for one that waits, failed or expired after
  // a try that may have been accepted.
  notifier::State state = notifier::State::kPending;
  base::Millis lease_ends_in{0};  // of kSending
  std::string provider_id;        // what the server called it, "" unknown
};

// The message about `subject` here, of several the nearest in time, never a notice. nullopt: there
// is none.
base::Result<std::optional<Delivery>> FindDelivery(const Store& store, const Subject& subject,
                                                   base::WallMs now);

// The arrow SettleElsewhere: pending, retrying or ambiguous -> delivered, since another sidecar's
// server accepted it; with an attempt "elsewhere". false: the row is in none of these states.
base::Result<bool> SettleElsewhere(Store* store, std::int64_t outbox_id, const std::string& detail,
                                   const std::string& provider_id, base::WallMs now);

// A message, not a notice, that a server accepted from this sidecar.
struct Accepted {
  std::int64_t attempt_id = 0;
  Subject subject;
  std::string provider_id;
};
// Those after `attempt_id`, the oldest first, at most `limit`.
base::Result<std::vector<Accepted>> AcceptedSince(const Store& store, std::int64_t attempt_id,
                                                  int limit);
base::Result<std::int64_t> NewestAttempt(const Store& store);

// Transitions after `id` that people are told of, at most `limit`; and the newest of all.
struct Told {
  std::vector<std::int64_t> transitions;
  std::int64_t newest = 0;
};
base::Result<Told> ToldSince(const Store& store, std::int64_t id, int limit);
// Keeps with each of them what the peers said of their CPUs.
base::Status SetPeers(Store* store, const std::vector<std::int64_t>& transitions,
                      const std::string& peers_json);

}  // namespace sidecar::store
