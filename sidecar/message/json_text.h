#pragma once

#include <map>
#include <string>

#include "sidecar/cgroup/sampler.h"

// What is kept as JSON text beside an episode.
namespace sidecar::message {

// {"name": "value"}; bytes that are not UTF-8 are replaced.
std::string LabelsJson(const std::map<std::string, std::string>& labels);

// Keys as the members of CpuEvidence; what is unknown is left out, an unlimited CPU is
// "cpu_limit": "unlimited".
std::string EvidenceJson(const cgroup::CpuEvidence& evidence);

}  // namespace sidecar::message
