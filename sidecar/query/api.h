#pragma once

#include <string>

#include "base/http.h"
#include "sidecar/store/store.h"

// The reading half of the API, of this sidecar's own history (fleet.h: of all). Stateless; any
// thread.
namespace sidecar::query {

// GET /api/v1/alerts: {"alerts": [episode], "next_cursor": "17" | null, "receiver": name}, newest
// first. 400 names the parameter at fault; 503 when the history cannot be read. Without a `name`
// the answer tells of no receivers.
base::HttpResponse ListAlerts(const store::Store& store, const base::HttpRequest& request,
                              const std::string& name = "");

// GET /api/v1/alerts/{id}: the episode with its transitions (each with evidence, also the peers')
// and notifications (each with every try). 404 for an id that is not there.
base::HttpResponse ShowAlert(const store::Store& store, const base::HttpRequest& request);

}  // namespace sidecar::query
