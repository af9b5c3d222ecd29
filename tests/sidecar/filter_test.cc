#include "sidecar/query/filter.h"

#include <gtest/gtest.h>

namespace sidecar::query {
namespace {

using Parameters = std::multimap<std::string, std::string>;

TEST(ParseFilter, ReadsEveryParameter) {
  const auto filter = ParseFilter({{"state", "open"},
                                   {"severity", "critical"},
                                   {"name", "Hot"},
                                   {"source", "prod"},
                                   {"label.pod", "model-0"},
                                   {"from", "2026-11-22T10:00:00Z"},
                                   {"to", "1795341600000"},
                                   {"limit", "5"},
                                   {"cursor", "17"}});
  ASSERT_TRUE(filter.ok()) << filter.error().message;
  EXPECT_EQ(filter->open, true);
  EXPECT_EQ(filter->severity, "critical");
  EXPECT_EQ(filter->name, "Hot");
  EXPECT_EQ(filter->source, "prod");
  EXPECT_EQ(filter->labels.at("pod"), "model-0");
  EXPECT_EQ(base::FormatUtc(*filter->from_ms), "2026-11-22T10:00:00.000Z");
  EXPECT_EQ(filter->to_ms, 1795341600000);
  EXPECT_EQ(filter->limit, 5);
  EXPECT_EQ(filter->before_id, 17);
}

TEST(ParseFilter, APlusThatWasNotEscapedIsOne) {
  for (const char* time : {"2026-11-23T10:00:00+01:00", "2026-11-23T10:00:00 01:00"}) {
    const auto filter = ParseFilter({{"from", time}});
    ASSERT_TRUE(filter.ok()) << time;
    EXPECT_EQ(base::FormatUtc(*filter->from_ms), "2026-11-23T09:00:00.000Z") << time;
  }
  for (const char* time : {"2026-11-23 10:00:00", "2026-11-23T10:00:00 1:00", " 01:00", " "}) {
    EXPECT_FALSE(ParseFilter({{"to", time}}).ok()) << time;
  }
}

TEST(ParseFilter, WithoutParametersLetsAllPass) {
  const auto filter = ParseFilter({});
  ASSERT_TRUE(filter.ok());
  EXPECT_FALSE(filter->open.has_value());
  EXPECT_EQ(filter->limit, 100);
}

TEST(ParseFilter, NamesTheParameterAtFault) {
  const std::vector<std::pair<Parameters, std::string>> cases = {
      {{{"state", "closed"}}, "state: neither open nor ended"},
      {{{"limit", "0"}}, "limit: not a number from 1 to 500"},
      {{{"limit", "501"}}, "limit: not a number from 1 to 500"},
      {{{"limit", "ten"}}, "limit: not a number from 1 to 500"},
      {{{"cursor", "x"}}, "cursor: not one that next_cursor gave"},
      {{{"from", "yesterday"}}, "from: neither RFC 3339 nor milliseconds"},
      {{{"severity", ""}}, "severity: empty"},
      {{{"label.", "x"}}, "label.: names no label"},
      {{{"stat", "open"}}, "stat: unknown parameter"},
      {{{"name", "a"}, {"name", "b"}}, "name: given more than once"},
  };
  for (const auto& [parameters, problem] : cases) {
    const auto filter = ParseFilter(parameters);
    ASSERT_FALSE(filter.ok()) << problem;
    EXPECT_EQ(filter.error().message, problem);
  }
}

TEST(ParseId, TakesDigitsOnly) {
  EXPECT_EQ(*ParseId("12"), 12);
  for (const char* bad : {"", "x", "-1", "1 ", "99999999999999999999"}) {
    EXPECT_FALSE(ParseId(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace sidecar::query
