#pragma once

#include <string>

#include "base/file.h"
#include "base/result.h"

// Private to http_front: the listening socket.
namespace model::http_front {

// Bound, not blocking, listening with `backlog`. kBusy when the port is taken, kDenied, kInvalid
// for a bad address.
base::Result<base::Fd> Listen(const std::string& address, int port, int backlog);
int PortOf(const base::Fd& listener);

// From here on the kernel drops every SYN, so nobody begins to connect any more, while handshakes
// that are under way end as if nothing were: whoever has connected is in the queue for accept().
// Closing instead would reset those in the queue. Best effort.
void RefuseHandshakes(const base::Fd& listener);

}  // namespace model::http_front
