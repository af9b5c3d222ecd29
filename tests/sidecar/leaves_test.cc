#include "sidecar/store/leaves.h"

#include <gtest/gtest.h>

#include <random>

namespace sidecar::store {
namespace {

using Kind = Shape::Kind;

const std::vector<Shape> kShapes{
    {"notes", {{Kind::kInteger, true, true}, {Kind::kText}}},
    {"counts", {{Kind::kText}, {Kind::kInteger, false, true}}},
};

// A page of 512 bytes, its rows from the end.
std::string PageOf(const std::vector<std::string>& cells) {
  std::string page(512, '\0');
  page[0] = 13;
  page[4] = static_cast<char>(cells.size());
  std::size_t at = page.size();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    at -= cells[i].size();
    page.replace(at, cells[i].size(), cells[i]);
    page[8 + 2 * i] = static_cast<char>(at >> 8);
    page[9 + 2 * i] = static_cast<char>(at & 0xff);
  }
  return page;
}
// payload, id, size of the head, types, values
std::string Note(char id) { return {5, id, 3, 0, 15, 'h'}; }
std::string Count(char id) { return {4, id, 3, 15, 9, 'n'}; }
std::string OldCount(char id) { return {3, id, 2, 15, 'n'}; }

TEST(ReadLeaf, KnowsATableByItsRows) {
  const auto notes = ReadLeaf(PageOf({Note(3), Note(7)}), kShapes);
  ASSERT_TRUE(notes);
  EXPECT_EQ(kShapes[notes->shape].table, "notes");
  EXPECT_EQ(notes->rows, 2);
  EXPECT_EQ(notes->first, 3);
  EXPECT_EQ(notes->last, 7);
  const auto counts = ReadLeaf(PageOf({OldCount(1), Count(2)}), kShapes);
  ASSERT_TRUE(counts);
  EXPECT_EQ(kShapes[counts->shape].table, "counts");
  EXPECT_EQ(counts->rows, 2) << "also those that are older than a column";
}

TEST(ReadLeaf, TakesUnknownColumnsBehindAnIdOnly) {
  EXPECT_TRUE(ReadLeaf(PageOf({{6, 3, 4, 0, 15, 9, 'h'}}), kShapes)) << "of a newer program";
  EXPECT_FALSE(ReadLeaf(PageOf({{6, 3, 4, 15, 9, 9, 'n'}}), kShapes)) << "of another table";
}

TEST(ReadLeaf, LeavesOutWhatIsNoRowOfIt) {
  const auto notes = ReadLeaf(PageOf({Note(3), "\xff\xff\xff", Note(2), Note(7)}), kShapes);
  ASSERT_TRUE(notes);
  EXPECT_EQ(notes->rows, 2);
  EXPECT_EQ(notes->last, 7);
  EXPECT_FALSE(ReadLeaf(PageOf({}), kShapes));
  EXPECT_FALSE(ReadLeaf(std::string(512, '\0'), kShapes));
}

TEST(ReadLeaf, TakesAnyBytes) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string page(512, '\0');
    for (char& byte : page) byte = static_cast<char>(random());
    page[0] = 13;
    if (i % 2 == 0) page[3] = 0;
    const auto leaf = ReadLeaf(page, kShapes);
    if (!leaf) continue;
    EXPECT_LE(leaf->first, leaf->last);
    EXPECT_LT(leaf->last, kMaxId);
  }
}

}  // namespace
}  // namespace sidecar::store
