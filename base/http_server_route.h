#pragma once

#include <string>
#include <vector>

#include "base/http.h"

// Private to http_server: which route a request means.
namespace base::http_server {

struct RouteMatch {
  const Route* route = nullptr;  // null: none takes this method
  std::vector<std::string> captures;
  std::string allow;  // "GET, HEAD": what the path takes; empty when the path is not known
};

// `*` takes one segment of 1 to 256 bytes. HEAD is taken by a GET route. The first match counts.
RouteMatch FindRoute(const std::vector<Route>& routes, const std::string& method,
                     const std::string& path);

}  // namespace base::http_server
