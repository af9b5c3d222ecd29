#include "base/http_server_route.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace base::http_server {
namespace {

constexpr std::size_t kMaxCaptureBytes = 256;

// The first segment of *path, cut off with the slash behind it.
std::string_view CutSegment(std::string_view* path) {
  const std::size_t end = std::min(path->find('/'), path->size());
  const std::string_view segment = path->substr(0, end);
  path->remove_prefix(std::min(end + 1, path->size()));
  return segment;
}

// What the `*` of `pattern` stand for in `path`, or nullopt when it does not match.
std::optional<std::vector<std::string>> Match(std::string_view pattern, std::string_view path) {
  const auto slashes = [](std::string_view text) {
    return std::count(text.begin(), text.end(), '/');
  };
  if (slashes(pattern) != slashes(path)) return std::nullopt;
  std::vector<std::string> captures;
  while (!pattern.empty() || !path.empty()) {
    const std::string_view wanted = CutSegment(&pattern);
    const std::string_view segment = CutSegment(&path);
    if (wanted != "*") {
      if (wanted != segment) return std::nullopt;
    } else {
      if (segment.empty() || segment.size() > kMaxCaptureBytes) return std::nullopt;
      captures.emplace_back(segment);
    }
  }
  return captures;
}

}  // namespace

RouteMatch FindRoute(const std::vector<Route>& routes, const std::string& method,
                     const std::string& path) {
  RouteMatch match;
  for (const Route& route : routes) {
    auto captures = Match(route.path, path);
    if (!captures) continue;
    const bool head = method == "HEAD" && route.method == "GET";
    if (match.route == nullptr && (route.method == method || head)) {
      match.route = &route;
      match.captures = std::move(*captures);
    }
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return match;
}

}  // namespace base::http_server
