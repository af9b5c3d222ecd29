#include <gtest/gtest.h>

#include <cmath>

#include "model-svc/xgboost/forest.h"
#include "model-svc/xgboost/loader.h"
#include "tests/model-svc/xgboost/golden.h"

// A damaged file is refused or becomes a forest that answers: never a crash or a read out of
// bounds (the asan build runs this test), never a score that is no probability. That a flip does
// not go unseen is what the folder's hashes are for.
namespace model::xgboost {
namespace {

// A build for speed tries every byte; a debug build, which sanitizers make fifty times slower,
// each 97th.
#ifdef NDEBUG
constexpr std::size_t kStride = 1;
#else
constexpr std::size_t kStride = 97;
#endif

enum class Outcome { kRefused, kScores, kBroken };

Outcome Try(const std::string& bytes, const golden::Rows& rows) {
  const auto ensemble = Load(bytes);
  if (!ensemble) return ensemble.error().message.empty() ? Outcome::kBroken : Outcome::kRefused;
  const Forest forest(*ensemble);
  if (forest.columns() != 4) return Outcome::kBroken;
  std::vector<float> scores(rows.count);
  forest.Score(rows.values.data(), rows.count, scores.data());
  for (const float score : scores) {
    if (!(score >= 0 && score <= 1)) return Outcome::kBroken;
  }
  return Outcome::kScores;
}

class DamageTest : public testing::TestWithParam<const char*> {
 protected:
  const std::string bytes_ = golden::Bytes(GetParam());
  const golden::Rows rows_ = golden::ReadRows("3.2.0/plain");
};

TEST_P(DamageTest, AFlippedByteIsBorne) {
  std::size_t refused = 0;
  // Both change a letter into another and a digit into a letter or another digit; each third byte
  // gets the second one.
  for (std::size_t at = 0; at < bytes_.size(); at += kStride) {
    std::string damaged = bytes_;
    damaged[at] = static_cast<char>(damaged[at] ^ (at % 3 == 0 ? 0x20 : 1));
    const Outcome outcome = Try(damaged, rows_);
    ASSERT_NE(outcome, Outcome::kBroken) << "byte " << at;
    refused += outcome == Outcome::kRefused ? 1 : 0;
  }
  EXPECT_GT(refused, bytes_.size() / kStride / 20);
}

TEST_P(DamageTest, EveryCutIsRefused) {
  for (std::size_t length = 0; length < bytes_.size(); length += 1'000) {
    EXPECT_EQ(Try(bytes_.substr(0, length), rows_), Outcome::kRefused) << length;
  }
  EXPECT_EQ(Try(bytes_.substr(0, bytes_.size() - 1), rows_), Outcome::kRefused);
  EXPECT_EQ(Try(bytes_ + "}", rows_), Outcome::kRefused);
  EXPECT_EQ(Try(bytes_, rows_), Outcome::kScores);
}

INSTANTIATE_TEST_SUITE_P(Formats, DamageTest,
                         testing::Values("3.2.0/plain.json", "3.2.0/plain.ubj"));

}  // namespace
}  // namespace model::xgboost
