#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "sidecar/cgroup/sampler.h"
#include "sidecar/store/episodes.h"
#include "sidecar/webhook/payload.h"

// From a transition to messages in the outbox.
namespace sidecar::webhook {

// A person: a channel and the address there.
struct Target {
  std::string channel;
  std::string address;
};

struct Policy {
  std::set<std::string> notify_severities;  // whose alerts go to people; all go to the history
  std::vector<Target> targets;
  std::string public_url;
  std::string sidecar_name;  // in messages
};

// A transition that people are told of.
struct Announcement {
  Alert alert;
  store::EpisodeRow episode;
  std::int64_t transition_id = 0;
};

// Firing before resolved, critical before the others, else as they came: the order in which the
// messages of one webhook go out. Pure.
void SortByUrgency(std::vector<Announcement>* announcements);

// One message for each target, in parts where its channel bounds the length, added to the outbox
// inside the caller's Work. An alert has messages of its own, so none is cut apart to make room for
// another. `instance` is the store's.
base::Status Announce(const store::Database& database, const std::string& instance,
                      const Policy& policy, const Announcement& announcement,
                      const cgroup::CpuEvidence& evidence, base::WallMs now);

}  // namespace sidecar::webhook
