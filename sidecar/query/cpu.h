#pragma once

#include <string>

#include "base/http.h"
#include "sidecar/cgroup/sampler.h"

namespace sidecar::query {

// GET /api/v1/cpu[?window=15s|60s]: the CPU beside this sidecar now, as it is kept with a
// transition, with this sidecar's name; of both windows or of one. window_15s and window_60s say
// from when to when the means of that name really are. What is unknown is absent. 400 for another
// window or parameter.
base::HttpResponse ShowCpu(const cgroup::CpuEvidence& evidence, const std::string& name,
                           const base::HttpRequest& request);

}  // namespace sidecar::query
