#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/http.h"

// Private to http_front: from method and path to a route.
namespace model::http_front {

class Routes {
 public:
  explicit Routes(std::vector<base::Route> routes);

  // Paths are numbered; count() stands for all that do not exist. `target` is the request's, its
  // query included; it is compared byte by byte, %-escapes are not undone.
  [[nodiscard]] std::size_t FindPath(std::string_view target) const;
  [[nodiscard]] std::size_t count() const { return paths_.size(); }
  // The path's text, "other" for count(): bounded, so fit for a metric label.
  [[nodiscard]] const std::string& Name(std::size_t path) const;
  // Null when the path does not take the method. HEAD finds GET.
  [[nodiscard]] const base::Route* Find(std::size_t path, std::string_view method) const;
  [[nodiscard]] std::size_t IndexOf(const base::Route* route) const { return route - all_.data(); }
  // The value of the header Allow.
  [[nodiscard]] std::string Allow(std::size_t path) const;
  [[nodiscard]] const std::vector<base::Route>& all() const { return all_; }

 private:
  const std::vector<base::Route> all_;
  std::vector<std::string> paths_;
};

}  // namespace model::http_front
