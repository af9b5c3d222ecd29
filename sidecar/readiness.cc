#include "sidecar/readiness.h"

#include <nlohmann/json.hpp>

namespace sidecar {

base::HttpResponse Readiness(const store::Store& store) {
  const auto readable = store.Read([](const store::Database& database) {
    return database.Prepare("SELECT 1 FROM episodes LIMIT 1").Run();
  });
  if (!readable) return base::JsonError(503, readable.error().message);
  const auto trouble = store.trouble();
  const nlohmann::ordered_json body = {
      {"ready", true},
      {"history", trouble ? "not written: " + trouble->message : std::string("written")}};
  constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  return {.body = body.dump(-1, ' ', false, kReplace) + "\n"};
}

}  // namespace sidecar
