#include "bench/load/target.h"

#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/service.h"

namespace load {
namespace {

using base::Error;
using base::ErrorCode;

bool Split(const std::string& name, std::string* host, int* port) {
  // The name becomes a header: nothing that could end its line.
  const bool plain =
      std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 127; });
  return plain && base::ParseListen(name, host, port) && *port > 0 && !host->empty();
}

std::string_view Trimmed(std::string_view line) {
  line = line.substr(0, line.find('#'));
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return "";
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

}  // namespace

bool IsTarget(const std::string& name) {
  std::string host;
  int port = 0;
  return Split(name, &host, &port);
}

base::Result<std::vector<std::string>> ParseTargets(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string name(Trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string where = "line " + std::to_string(number);
    if (!IsTarget(name)) return Error{ErrorCode::kInvalid, where + " is not HOST:PORT"};
    if (names.size() == kTargetsMax) {
      return Error{ErrorCode::kInvalid, where + ": over 1024 targets"};
    }
    names.push_back(std::move(name));
  }
  return names;
}

base::Result<Target> Resolve(const std::string& name) {
  std::string host;
  int port = 0;
  if (!Split(name, &host, &port)) {
    return Error{ErrorCode::kInvalid, "\"" + name + "\" is not HOST:PORT"};
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, &freeaddrinfo);
  if (code != 0) return Error{ErrorCode::kUnavailable, name + ": " + gai_strerror(code)};
  Target target{.name = name, .address_size = list->ai_addrlen};
  std::memcpy(&target.address, list->ai_addr, list->ai_addrlen);
  return target;
}

base::Result<std::vector<Target>> ResolveAll(const std::vector<std::string>& names) {
  std::vector<Target> targets;
  targets.reserve(names.size());
  for (const std::string& name : names) {
    auto target = Resolve(name);
    if (!target) return target.error();
    targets.push_back(std::move(*target));
  }
  return targets;
}

}  // namespace load
