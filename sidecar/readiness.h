#pragma once

#include "base/http.h"
#include "sidecar/store/store.h"

namespace sidecar {

// 503 while the history cannot be read: nothing can be told to be news then. 200 while it can only
// not be written, and "history" says why: such a sidecar still pages, and says 503 to the webhook
// itself. Taken out of a Service it would get none to page of.
base::HttpResponse Readiness(const store::Store& store);

}  // namespace sidecar
