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

// What a message is about. Two sidecars mean the same when source, fingerprint, kind, channel and
// target are equal (the three ends count as one kind), the episodes' intervals overlap, the other's
// transition was received at since_ms or later, and no silent refire there lies between the two;
// and, for a kind that comes again within an episode, they are at most kSameReminder or
// kSameSummary apart, summaries with equal titles.
//
// Sidecars cut a message differently, so only part 1 is compared: a later part follows it.
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
  // When the episode fired again before this transition; else when it followed another one of the
  // alert, and what was told before was about that; absent: neither.
  std::optional<base::WallMs> since_ms;
  std::string title;  // of a summary: its counts; else ""
};
inline constexpr base::Millis kSameReminder{90'000};  // twins of Prometheus differ by a step
inline constexpr base::Millis kSameSummary{25'000};   // they come each minute

// Of one outbox row. nullopt: it has no transition or is a notice, so no other sidecar has its
// like.
base::Result<std::optional<Subject>> SubjectOf(const Store& store, std::int64_t outbox_id);

// Of a row that is a later part: whether part 1 of its message was accepted from here, and was
// marked as a possible repeat. Then the rest is for us to send: others count on it.
enum class FirstPart { kNotOurs, kPlain, kMarked };
base::Result<FirstPart> OwnFirstPart(const Store& store, std::int64_t outbox_id);

// What became of the message here.
struct Delivery {
  std::int64_t outbox_id = 0;
  // kAmbiguous also for a row whose lease ran out, and for one that waits, failed or expired after
  // a try that may have been accepted.
  notifier::State state = notifier::State::kPending;
  base::Millis lease_ends_in{0};  // of kSending
  std::string provider_id;        // what the server called it, "" unknown
};

// Part 1 of the message about `subject` here, of several the nearest in time, never a notice.
// nullopt: there is none, or a later part is asked for and part 1 was settled elsewhere: who sent
// it answers for the rest.
base::Result<std::optional<Delivery>> FindDelivery(const Store& store, const Subject& subject,
                                                   base::WallMs now);

// The arrow SettleElsewhere (outbox_arrows.h) in a transaction of its own.
base::Result<bool> SettleElsewhere(Store* store, std::int64_t outbox_id, const std::string& detail,
                                   const std::string& provider_id, base::WallMs now);

// Part 1 of a message, not a notice, that a server accepted from this sidecar.
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
