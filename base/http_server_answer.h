#pragma once

#include <httplib.h>

#include <vector>

#include "base/http.h"
#include "base/http_server_stream.h"
#include "base/result.h"

// Private to http_server: from a request to its answer, between httplib's types and ours.
namespace base::http_server {

// Puts what ParseHead read in the place of what httplib read.
void GiveToHttplib(HttpRequest from, httplib::Request* to);

// Whether httplib should read a body for this request: its route exists and may take one.
bool WantsBody(const std::vector<Route>& routes, const httplib::Request& request);

// Route, guard, length, body, handler; the first that says no makes the answer. Without a reader a
// body that was announced is refused. The answer closes the connection when a body is left unread.
void Answer(const std::vector<Route>& routes, const httplib::Request& request,
            const httplib::ContentReader* reader, httplib::Response* response);

// The answer to a request that never became one: 408, 431 or 400. Replaces what was written so far.
void WriteRefusal(const Error& error, ConnectionStream* stream);

}  // namespace base::http_server
