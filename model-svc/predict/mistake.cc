#include "model-svc/predict/mistake.h"

#include <nlohmann/json.hpp>

namespace model::predict {
namespace {

using nlohmann::ordered_json;

// Cut between two characters of UTF-8.
std::string Bounded(const std::string& name) {
  std::size_t end = name.size();
  if (end > kMaxNameEcho) {
    end = kMaxNameEcho;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;
  }
  return name.substr(0, end);
}

ordered_json Location(const Mistake& mistake) {
  ordered_json location = {"body"};
  if (mistake.row) location.push_back(*mistake.row);
  for (const std::string& name : mistake.where) location.push_back(Bounded(name));
  return location;
}

}  // namespace

base::HttpResponse Unprocessable(const std::vector<Mistake>& mistakes) {
  ordered_json detail = ordered_json::array();
  for (const Mistake& mistake : mistakes) {
    detail.push_back(
        {{"type", mistake.type}, {"loc", Location(mistake)}, {"msg", mistake.message}});
  }
  const ordered_json body = {{"detail", detail}};
  constexpr auto kReplace = ordered_json::error_handler_t::replace;
  return {.status = 422, .body = body.dump(-1, ' ', false, kReplace) + "\n"};
}

}  // namespace model::predict
