#include "model-svc/stress.h"

#include <nlohmann/json.hpp>

namespace model {
namespace {

constexpr int kMaxMillis = 5'000;

// 0 when the body is not what it should be.
int Milliseconds(const std::string& body) {
  const auto asked = nlohmann::json::parse(body, nullptr, false);
  if (!asked.is_object() || asked.size() != 1) return 0;
  const auto found = asked.find("milliseconds");
  if (found == asked.end() || !found->is_number_unsigned()) return 0;
  const auto number = found->get<std::uint64_t>();
  return number <= kMaxMillis ? static_cast<int>(number) : 0;
}

}  // namespace

base::HttpResponse BurnCpu(const base::HttpRequest& request, const base::Clock& clock) {
  const int asked = Milliseconds(request.body);
  if (asked == 0) {
    return base::JsonError(422, "a body {\"milliseconds\": N} is needed, N from 1 to 5000",
                           "milliseconds");
  }
  const auto end = clock.Steady() + base::Millis(asked);
  while (clock.Steady() < end) {
  }
  return {.body = "{\"milliseconds\": " + std::to_string(asked) + "}\n"};
}

}  // namespace model
