#include "sidecar/query/cpu.h"

#include <nlohmann/json.hpp>

#include "sidecar/message/json_text.h"

namespace sidecar::query {

base::HttpResponse ShowCpu(const cgroup::CpuEvidence& evidence, const std::string& name,
                           const base::HttpRequest& request) {
  using json = nlohmann::ordered_json;
  std::string other;  // how the figures end that were not asked for
  for (const auto& [parameter, value] : request.query) {
    if (parameter != "window") return base::JsonError(400, "unknown parameter", parameter);
    if (value != "15s" && value != "60s") {
      return base::JsonError(400, "window: neither 15s nor 60s", "window");
    }
    other = value == "15s" ? "_60s" : "_15s";
  }
  json answer{{"name", name}};
  const json all = json::parse(message::EvidenceJson(evidence));
  for (const auto& [key, value] : all.items()) {
    if (other.empty() || !key.ends_with(other)) answer[key] = value;
  }
  return {.body = answer.dump(2, ' ', false, json::error_handler_t::replace) + "\n"};
}

}  // namespace sidecar::query
