#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "notifier/message.h"
#include "sidecar/cgroup/sampler.h"
#include "sidecar/store/episodes.h"
#include "sidecar/webhook/payload.h"

// From a transition to messages in the outbox.
namespace sidecar::webhook {

struct Policy {
  std::set<std::string> notify_severities;  // whose alerts go to people; all go to the history
  std::vector<notifier::Recipient> targets;
  std::string public_url;
  std::string sidecar_name;  // in messages
  std::string pair_source;   // whose alerts come from several Alertmanagers; "": nobody's
  // With more told firings and ends a minute than this, those that are not critical are told of in
  // summaries (storm.h).
  std::int64_t storm_above = 30;
  base::Millis remind_every{0};  // of an alert that still fires; 0: never
  base::Millis hold{0};          // before a message is due: the sidecars before this one send first
};

// What telling people needs, inside one Work.
struct Round {
  const store::Database& database;
  const std::string& instance;  // the store's
  const Policy& policy;
  const cgroup::CpuEvidence& evidence;
  base::WallMs now = 0;
};

// A transition that people are told of.
struct Announcement {
  Alert alert;
  store::EpisodeRow episode;
  std::int64_t transition_id = 0;
  bool reminder = false;
  std::int64_t ends_within_hour = 0;  // of an end that was kept back
};

// Firing before resolved, critical before the others, else as they came: the order in which the
// messages of one webhook go out. The last word about an alert stays the last: an end after which
// it fires again goes with the firings. Pure.
void SortByUrgency(std::vector<Announcement>* announcements);

// One message for each target, in parts where its channel bounds the length, added to the outbox.
// An alert has messages of its own, so none is cut apart to make room for another.
base::Status Announce(const Round& round, const Announcement& announcement);

// That message to each target, in parts. It keeps its order with the episode's others.
base::Status AddForTargets(const Round& round, notifier::Message message, std::int64_t episode_id,
                           std::int64_t transition_id);

}  // namespace sidecar::webhook
