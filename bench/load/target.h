#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace load {

// A server that is asked. Resolved once, before it is used.
struct Target {
  std::string name;  // "HOST:PORT" as it was given: its identity, and the Host header
  sockaddr_storage address{};
  socklen_t address_size = 0;
};
constexpr std::size_t kTargetsMax = 1024;

// The names of a targets file: one HOST:PORT a line, # comments, blank lines and repeated names are
// nothing. kInvalid names the line; no name at all is no mistake: every replica may be gone.
base::Result<std::vector<std::string>> ParseTargets(std::string_view text);

// Whether it is HOST:PORT or [IPV6]:PORT with a port from 1.
bool IsTarget(const std::string& name);

// Asks the resolver, which may take seconds: never from the loop. The first address that it gives
// is used. kInvalid no HOST:PORT, kUnavailable the host is not known.
base::Result<Target> Resolve(const std::string& name);
base::Result<std::vector<Target>> ResolveAll(const std::vector<std::string>& names);

}  // namespace load
