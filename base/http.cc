#include "base/http.h"

#include <nlohmann/json.hpp>

namespace base {

HttpResponse JsonError(int status, const std::string& message, const std::string& field) {
  nlohmann::ordered_json body = {{"error", message}};
  if (!field.empty()) body["field"] = field;
  // A message may quote the input: bytes that are not UTF-8 are replaced, they must not throw here.
  constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  return {.status = status, .body = body.dump(-1, ' ', false, kReplace) + "\n"};
}

std::string ErrorOf(const HttpResponse& response) {
  const auto body = nlohmann::json::parse(response.body, nullptr, false);
  const bool told = body.is_object() && body.contains("error") && body["error"].is_string();
  return told ? body["error"].get<std::string>() : "";
}

}  // namespace base
