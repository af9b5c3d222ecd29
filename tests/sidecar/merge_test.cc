#include "sidecar/query/merge.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sidecar::query {
namespace {

using store::EpisodeRow;

EpisodeRow Row(std::int64_t id, const std::string& alert, base::WallMs starts,
               std::optional<base::WallMs> ended = {}) {
  return {.id = id,
          .source = "prod",
          .fingerprint = alert,
          .name = alert,
          .starts_at_ms = starts,
          .ended_at_ms = ended,
          .end_reason = ended ? "resolved" : "",
          .first_seen_ms = starts,
          .last_seen_ms = starts,
          .seen_count = 1};
}

Source Own(std::vector<EpisodeRow> rows, bool more = false) {
  return {.name = "fraud-0", .own = true, .episodes = std::move(rows), .more = more};
}
Source Other(std::vector<EpisodeRow> rows, bool more = false) {
  return {.name = "fraud-1", .url = "http://one", .episodes = std::move(rows), .more = more};
}

std::string Names(const Merged& merged) {
  std::string names;
  for (const Entry& entry : merged.entries) names += entry.episode.fingerprint;
  return names;
}

Merged MergeAll(const std::vector<Source>& sources) {
  return Merge(sources, std::vector<Place>(sources.size()), 100);
}

TEST(Merge, TwinsAreOneEntry) {
  const auto merged = MergeAll({Own({Row(7, "a", 110, 200)}), Other({Row(3, "a", 100, 205)})});
  ASSERT_EQ(merged.entries.size(), 1u);
  const Entry& entry = merged.entries[0];
  EXPECT_EQ(entry.episode.id, 7);  // the own one
  EXPECT_EQ(entry.episode.starts_at_ms, 100);
  EXPECT_EQ(entry.episode.ended_at_ms, 205);
  EXPECT_EQ(entry.episode.seen_count, 2);
  ASSERT_EQ(entry.receipts.size(), 2u);
  EXPECT_EQ(entry.receipts[1].name, "fraud-1");
  EXPECT_EQ(entry.receipts[1].id, 3);
  EXPECT_EQ(entry.receipts[1].url, "http://one/api/v1/alerts/3");
  EXPECT_EQ(entry.receipts[0].url, "");
  EXPECT_FALSE(merged.more);
}

TEST(Merge, WhatDoesNotOverlapStaysApart) {
  auto other_source = Row(2, "a", 100);
  other_source.source = "test";
  EXPECT_EQ(MergeAll({Own({Row(1, "a", 100, 110)}), Other({Row(1, "a", 120)})}).entries.size(), 2u);
  EXPECT_EQ(MergeAll({Own({Row(1, "a", 100)}), Other({Row(1, "b", 100)})}).entries.size(), 2u);
  EXPECT_EQ(MergeAll({Own({Row(1, "a", 100)}), Other({other_source})}).entries.size(), 2u);
}

TEST(Merge, AnEndCountsUnlessItWasHeardFiringAfterIt) {
  EpisodeRow open = Row(1, "a", 100);
  open.last_seen_ms = 150;
  const Source ended = Other({Row(1, "a", 100, 200)});
  auto merged = MergeAll({Own({open}), ended});
  EXPECT_EQ(merged.entries.at(0).episode.ended_at_ms, 200);  // its resolved was missed here
  EXPECT_EQ(merged.entries.at(0).episode.end_reason, "resolved");
  open.last_seen_ms = 250;
  merged = MergeAll({Own({open}), ended});
  EXPECT_EQ(merged.entries.at(0).episode.ended_at_ms, std::nullopt);
  EXPECT_EQ(merged.entries.at(0).episode.end_reason, "");
}

TEST(Merge, OneEpisodeThereMeetsTheNewerOfTwoHere) {
  const auto merged =
      MergeAll({Own({Row(2, "a", 300), Row(1, "a", 100, 200)}), Other({Row(9, "a", 100)})});
  ASSERT_EQ(merged.entries.size(), 2u);
  EXPECT_EQ(merged.entries[0].receipts.size(), 2u);
  EXPECT_EQ(merged.entries[1].receipts.size(), 1u);
}

TEST(Merge, NewestFirstWhoeverHasThem) {
  const auto merged = MergeAll(
      {Own({Row(2, "d", 400), Row(1, "b", 200)}), Other({Row(2, "c", 300), Row(1, "a", 100)})});
  EXPECT_EQ(Names(merged), "dcba");
  EXPECT_EQ(merged.entries[1].episode.id, 0);  // not ours
}

TEST(Merge, OneThatDidNotAnswerIsLeftOutFromThenOn) {
  const auto merged = MergeAll({Own({Row(1, "a", 100)}), {.name = "fraud-1"}});
  EXPECT_EQ(Names(merged), "a");
  EXPECT_TRUE(merged.places[1].dropped);
  EXPECT_FALSE(merged.more);
}

// A receiver of `rows`, newest first, as it answers for a place.
Source Answer(const std::vector<EpisodeRow>& rows, const Place& place, std::size_t limit) {
  Source source = Other({});
  for (const EpisodeRow& row : rows) {
    if (place.before_id && row.id >= *place.before_id) continue;
    if (source.episodes->size() == limit + 2 + place.taken.size()) {  // looks ahead by two
      source.more = true;
      break;
    }
    source.episodes->push_back(row);
  }
  return source;
}

TEST(Merge, PagesShowEachOnceWhateverTheOrderInWhichTheyWereSeen) {
  // The two saw them in different orders, and each missed one.
  const std::vector<EpisodeRow> one = {Row(6, "f", 600), Row(5, "e", 500), Row(4, "d", 400),
                                       Row(3, "c", 300), Row(2, "b", 200)};
  std::vector<EpisodeRow> two = {Row(5, "e", 500), Row(4, "f", 600), Row(3, "c", 300),
                                 Row(2, "d", 400), Row(1, "a", 100)};
  for (std::size_t i = 0; i < two.size(); ++i) {
    two[i].first_seen_ms = 550 - 100 * static_cast<base::WallMs>(i);
  }
  for (std::size_t limit = 1; limit <= 7; ++limit) {
    std::vector<Place> places(2);
    std::string seen;
    bool more = true;
    for (int pages = 0; more; ++pages) {
      ASSERT_LT(pages, 12) << "no end with pages of " << limit;
      auto merged =
          Merge({Answer(one, places[0], limit), Answer(two, places[1], limit)}, places, limit);
      EXPECT_LE(merged.entries.size(), limit);
      seen += Names(merged);
      // As a client carries it.
      auto read = ParsePlaces(PlacesText(merged.places), 2);
      ASSERT_TRUE(read.ok());
      places = *read;
      more = merged.more;
    }
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(seen, "abcdef") << limit;
  }
}

TEST(Places, AreOneWord) {
  std::vector<Place> places(3);
  places[0] = {.before_id = 17, .taken = {9, 12}};
  places[2].dropped = true;
  EXPECT_EQ(PlacesText(places), "17.12.9_-_x");
  const auto read = ParsePlaces("17.12.9_-_x", 3);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(PlacesText(*read), "17.12.9_-_x");
  for (const char* bad : {"", "17", "17_-", "17_-_x_-", "a_-_x", "17.a_-_x", "-1_-_x", "17_-_x.1",
                          "99999999999999999999_-_x"}) {
    EXPECT_FALSE(ParsePlaces(bad, 3).ok()) << bad;
  }
}

}  // namespace
}  // namespace sidecar::query
