#include "sidecar/webhook/announce.h"

#include <gtest/gtest.h>

namespace sidecar::webhook {
namespace {

Announcement About(const char* name, bool firing, const char* severity) {
  return {.alert = {.firing = firing, .fingerprint = name}, .episode = {.severity = severity}};
}

TEST(SortByUrgency, FiringThenCriticalElseAsTheyCame) {
  std::vector<Announcement> all = {
      About("over", false, "critical"), About("warm", true, "warning"),
      About("hot", true, "critical"),   About("tepid", false, "warning"),
      About("worse", true, "critical"), About("damp", true, ""),
  };
  SortByUrgency(&all);
  std::vector<std::string> order;
  order.reserve(all.size());
  for (const Announcement& each : all) order.push_back(each.alert.fingerprint);
  EXPECT_EQ(order, (std::vector<std::string>{"hot", "worse", "warm", "damp", "over", "tepid"}));
}

}  // namespace
}  // namespace sidecar::webhook
