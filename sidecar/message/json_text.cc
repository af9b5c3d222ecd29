#include "sidecar/message/json_text.h"

#include <nlohmann/json.hpp>

namespace sidecar::message {
namespace {

using nlohmann::json;

std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

template <typename T>
void Put(json* object, const char* name, const std::optional<T>& value) {
  if (value) (*object)[name] = *value;
}

void PutWindow(const char* name, const std::optional<cgroup::CpuEvidence::Covered>& covered,
               json* object) {
  if (!covered) return;
  (*object)[name] = {{"from", base::FormatUtc(covered->from_ms)},
                     {"to", base::FormatUtc(covered->to_ms)}};
}

}  // namespace

std::string Cut(const std::string& text, std::size_t size) {
  constexpr std::string_view kEllipsis = "...";
  if (text.size() <= size) return text;
  std::size_t end = size - kEllipsis.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + std::string(kEllipsis);
}

std::string LabelsJson(const std::map<std::string, std::string>& labels) {
  constexpr std::size_t kMaxText = 4 << 10;
  constexpr std::size_t kMaxAll = 32 << 10;
  json object = json::object();
  std::size_t size = 0;
  for (const auto& [name, value] : labels) {
    const std::string short_name = Cut(name, kMaxText);
    const std::string short_value = Cut(value, kMaxText);
    size += short_name.size() + short_value.size();
    if (size > kMaxAll) {
      object["..."] = "more in the raw webhook";
      break;
    }
    object[short_name] = short_value;
  }
  return Dump(object);
}

std::map<std::string, std::string> ParseLabels(const std::string& text) {
  std::map<std::string, std::string> labels;
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return labels;
  for (const auto& [name, value] : object.items()) {
    if (value.is_string()) labels[name] = value.get<std::string>();
  }
  return labels;
}

std::string EvidenceJson(const cgroup::CpuEvidence& evidence) {
  json object{{"at", base::FormatUtc(evidence.at_ms)}, {"target_found", evidence.target_found}};
  if (!evidence.target_found) return Dump(object);
  object["source"] = SourceName(evidence.source);
  if (evidence.limit.kind == cgroup::Limit::Kind::kUnlimited) object["cpu_limit"] = "unlimited";
  if (evidence.limit.kind == cgroup::Limit::Kind::kCores) {
    object["cpu_limit_cores"] = evidence.limit.cores;
  }
  Put(&object, "utilization_15s", evidence.utilization_15s);
  Put(&object, "utilization_60s", evidence.utilization_60s);
  Put(&object, "used_cores_15s", evidence.used_cores_15s);
  Put(&object, "throttled_60s", evidence.throttled_60s);
  Put(&object, "pressure_60s", evidence.pressure_60s);
  if (evidence.HeldBackFromOutside()) object["held_back_from_outside"] = true;
  PutWindow("window_15s", evidence.covered_15s, &object);
  PutWindow("window_60s", evidence.covered_60s, &object);
  Put(&object, "memory_working_set_bytes", evidence.memory.working_set_bytes);
  Put(&object, "memory_limit_bytes", evidence.memory.limit_bytes);
  return Dump(object);
}

}  // namespace sidecar::message
