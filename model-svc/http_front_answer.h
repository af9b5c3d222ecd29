#pragma once

#include <microhttpd.h>

#include "base/http.h"
#include "model-svc/http_front_connections.h"

// Private to http_front: from an answer as plain data to bytes.
namespace model::http_front {

// Queues it; the body is kept in the connection until it was sent. `close`: the last one on this
// connection. false: libmicrohttpd refused, the connection must end.
bool Queue(MHD_Connection* to, base::HttpResponse response, bool close, Connection* connection);

// For the middle of an upload, where libmicrohttpd 0.9.75 takes no answer, and for a head that
// leaves its answer no room: written to the socket directly, as far as it takes it; the connection
// must end after it.
void SendNow(const base::HttpResponse& response, const Connection& connection);

}  // namespace model::http_front
