#pragma once

#include "base/clock.h"
#include "base/http.h"

namespace model {

// POST /cpu {"milliseconds": N}, N from 1 to 5000: keeps the calling thread busy for so long, then
// answers {"milliseconds": N}. 422 names what is wrong. Only for tests: App serves it on request.
base::HttpResponse BurnCpu(const base::HttpRequest& request, const base::Clock& clock);

}  // namespace model
