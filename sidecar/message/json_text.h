#pragma once

#include <map>
#include <string>

#include "sidecar/cgroup/sampler.h"

// What is kept as JSON text beside an episode.
namespace sidecar::message {

// At most `size` bytes of UTF-8, cut between two characters and ended by "..." when it was longer.
std::string Cut(const std::string& text, std::size_t size);

// {"name": "value"}; bytes that are not UTF-8 are replaced. Bounded, whatever a rule writes: each
// name and value is cut at 4 KiB, and after 32 KiB in all the rest is left out and "..." says so.
// The raw webhook keeps everything.
std::string LabelsJson(const std::map<std::string, std::string>& labels);

// What LabelsJson wrote; anything else has no labels.
std::map<std::string, std::string> ParseLabels(const std::string& text);

// Keys as the members of CpuEvidence; what is unknown is left out, an unlimited CPU is
// "cpu_limit": "unlimited".
std::string EvidenceJson(const cgroup::CpuEvidence& evidence);

}  // namespace sidecar::message
