#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "notifier/message.h"

// What people are told in a storm of alerts, instead of each. Pure.
namespace sidecar::message {

struct SummaryName {
  std::string name;
  std::int64_t firing = 0;  // began since the summary before
  std::int64_t ended = 0;
};

struct SummaryFacts {
  std::int64_t firing = 0;  // in all
  std::int64_t ended = 0;
  std::int64_t names = 0;
  std::vector<SummaryName> top;  // those with the most
  base::WallMs since_ms = 0;     // of the oldest that it is about
  bool over = false;             // the storm is, and nothing new is told of
  std::int64_t episode_id = 0;   // of the storm
  std::string sidecar_name;      // who tells, said where there is no link; "": not said
  std::string public_url;        // "": no links
};

notifier::Message RenderSummary(const SummaryFacts& facts);

}  // namespace sidecar::message
