#pragma once

#include "base/http.h"
#include "sidecar/store/store.h"

// The reading half of the API. Stateless; any thread.
namespace sidecar::query {

// GET /api/v1/alerts: {"alerts": [episode], "next_cursor": "17" | null}, newest first. 400 names
// the parameter at fault; 503 when the history cannot be read.
base::HttpResponse ListAlerts(const store::Store& store, const base::HttpRequest& request);

// GET /api/v1/alerts/{id}: the episode with its transitions (each with evidence) and notifications
// (each with every try). 404 for an id that is not there.
base::HttpResponse ShowAlert(const store::Store& store, const base::HttpRequest& request);

}  // namespace sidecar::query
