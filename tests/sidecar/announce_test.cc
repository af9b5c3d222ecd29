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

TEST(SortByUrgency, AnEndBeforeTheNextFiringOfTheSameAlertStaysBeforeIt) {
  std::vector<Announcement> all = {
      About("other", false, "critical"),
      About("again", false, "critical"),
      About("again", true, "critical"),
      About("again", false, "critical"),
  };
  for (std::size_t i = 0; i < all.size(); ++i) all[i].transition_id = static_cast<int>(i);
  SortByUrgency(&all);
  std::vector<std::int64_t> order;
  order.reserve(all.size());
  for (const Announcement& each : all) order.push_back(each.transition_id);
  EXPECT_EQ(order, (std::vector<std::int64_t>{1, 2, 0, 3}));
}

}  // namespace
}  // namespace sidecar::webhook
