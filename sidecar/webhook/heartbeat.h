#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sidecar/webhook/payload.h"

// The alert that fires always, by whose silence a dead monitoring is known. Pure.
namespace sidecar::webhook {

// alertname Watchdog, severity none. It is no episode: its last arrival is kept, and nothing else.
bool IsHeartbeat(const Alert& alert);

// What is known of each source's heartbeats. A source is a name of the webhook's tokens: when its
// labels change, or one of two Prometheuses goes, a source is still heard.
struct Heartbeats {
  struct Source {
    base::WallMs last_ms = 0;               // of its newest arrival, for people
    base::WallMs stored_ms = 0;             // the same, as it was stored at the last look
    std::optional<base::SteadyTime> heard;  // in this run of the process
  };
  base::SteadyTime since;  // when this run began to listen
  bool looked = false;
  std::map<std::string, Source> sources;
};

// `last` is the newest arrival by source as it is stored now. One that differs from what it was at
// the last look has come since, whichever way the wall clock was set; what the first look finds is
// of a former run.
void Hear(const std::map<std::string, base::WallMs>& last, base::SteadyTime now,
          Heartbeats* heartbeats);

enum class Sight {
  kBlind,   // a source that was heard once has been away for `timeout` of this run
  kSees,    // every source was heard in this run, and none is away for so long
  kUnsure,  // neither, yet: what was said before still holds
};
// A timeout of 0 is for ever, and kSees.
Sight Judge(const Heartbeats& heartbeats, base::Millis timeout, base::SteadyTime now);

// The sources that make it kBlind.
std::vector<std::string> Silent(const Heartbeats& heartbeats, base::Millis timeout,
                                base::SteadyTime now);

}  // namespace sidecar::webhook
