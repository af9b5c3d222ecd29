#pragma once

namespace base {

// Whether this machine has a way out: a route to an address of the Internet, IPv4 or IPv6. It asks
// the kernel's tables alone; nothing is sent, so it says nothing of what lies behind the first
// hop.
bool HasRoute();

}  // namespace base
