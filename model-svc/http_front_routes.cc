#include "model-svc/http_front_routes.h"

#include <algorithm>
#include <utility>

namespace model::http_front {

Routes::Routes(std::vector<base::Route> routes) : all_(std::move(routes)) {
  for (const base::Route& route : all_) {
    if (std::find(paths_.begin(), paths_.end(), route.path) == paths_.end()) {
      paths_.push_back(route.path);
    }
  }
}

std::size_t Routes::FindPath(std::string_view target) const {
  const std::string_view path = target.substr(0, target.find('?'));
  const auto found = std::find(paths_.begin(), paths_.end(), path);
  return static_cast<std::size_t>(found - paths_.begin());
}

const std::string& Routes::Name(std::size_t path) const {
  static const std::string other = "other";
  return path < paths_.size() ? paths_[path] : other;
}

const base::Route* Routes::Find(std::size_t path, std::string_view method) const {
  if (path >= paths_.size()) return nullptr;
  for (const base::Route& route : all_) {
    const bool takes = route.method == method || (method == "HEAD" && route.method == "GET");
    if (takes && route.path == paths_[path]) return &route;
  }
  return nullptr;
}

std::string Routes::Allow(std::size_t path) const {
  std::string allow;
  for (const base::Route& route : all_) {
    if (route.path != Name(path)) continue;
    if (!allow.empty()) allow += ", ";
    allow += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return allow;
}

}  // namespace model::http_front
