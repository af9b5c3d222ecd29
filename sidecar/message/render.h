#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "notifier/message.h"
#include "sidecar/cgroup/sampler.h"

// From a transition to the message a person reads. Pure.
namespace sidecar::message {

// Everything a message may say. Absent and empty things are left out of it, never shown as 0.
struct Facts {
  bool firing = true;
  bool reminder = false;        // people know of it: it still fires
  bool late = false;            // found by asking Alertmanager, which had not told of it
  std::string end_reason;       // "": said to be resolved; "silenced", "vanished"
  std::int64_t episode_id = 0;  // 0: it is not in the history
  std::string name;
  std::string severity;
  std::string source;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;  // summary and description lead the message
  std::string generator_url;
  base::WallMs starts_at_ms = 0;
  std::optional<base::WallMs> ended_at_ms;
  std::int64_t ends_within_hour = 0;  // of a flapping alert whose end was kept back; 0: it was not
  std::int64_t past_week = 0;         // earlier episodes of this alert in the last 7 days
  cgroup::CpuEvidence evidence;
  std::string sidecar_name;  // whose evidence that is, and who tells where no link says it; "": not
  std::string public_url;    // of the sidecar, for the link to the episode; "": no link
  std::string not_recorded;  // why the history does not hold it; "": it does
};

// Subject, text with its bold spans, html, severity, urgency. Each value is cut at kMaxValue bytes
// (on a character), the subject at kMaxSubject; the rest of the message is set by the caller.
notifier::Message Render(const Facts& facts);
inline constexpr std::size_t kMaxValue = 2'000;
inline constexpr std::size_t kMaxSubject = 180;

// The message of POST /api/v1/test-notification.
notifier::Message RenderTest(const std::string& sidecar_name, base::WallMs now);

}  // namespace sidecar::message
