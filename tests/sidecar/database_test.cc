#include "sidecar/store/database.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace sidecar::store {
namespace {

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    EXPECT_TRUE(database_.Execute("CREATE TABLE numbers (n INTEGER UNIQUE)").ok());
    for (std::int64_t n = 1; n <= 3; ++n) EXPECT_TRUE(Add(n).ok());
  }
  base::Status Add(std::optional<std::int64_t> n) {
    return database_.Prepare("INSERT INTO numbers VALUES (?)").Bind(n).Run();
  }

  support::TempDir folder_;
  Database database_ =
      std::move(*Database::Open(folder_.File("numbers.db"), Database::Mode::kWriter));
};

TEST_F(DatabaseTest, TwoUsesOfOneTextAtOnceAreTwoStatements) {
  constexpr char kAll[] = "SELECT n FROM numbers ORDER BY n";
  std::string pairs;
  Statement outer = database_.Prepare(kAll);
  while (outer.Next()) {
    Statement inner = database_.Prepare(kAll);
    while (inner.Next()) pairs += std::to_string(outer.Int(0) * 10 + inner.Int(0)) + " ";
  }
  EXPECT_EQ(pairs, "11 12 13 21 22 23 31 32 33 ");
}

TEST_F(DatabaseTest, AnotherUseBeginsWithoutTheFirstOnesValuesAndError) {
  EXPECT_EQ(Add(1).error().code, base::ErrorCode::kInvalid);
  EXPECT_TRUE(Add(4).ok());
  EXPECT_TRUE(database_.Prepare("INSERT INTO numbers VALUES (?)").Run().ok());
  Statement null = database_.Prepare("SELECT count(*) FROM numbers WHERE n IS NULL");
  ASSERT_TRUE(null.Next());
  EXPECT_EQ(null.Int(0), 1);
}

TEST_F(DatabaseTest, AUseThatWasLeftHalfwayHoldsNothing) {
  {
    Statement half = database_.Prepare("SELECT n FROM numbers");
    ASSERT_TRUE(half.Next());
  }
  EXPECT_TRUE(database_.Execute("DROP TABLE numbers").ok()) << "no statement reads it";
  EXPECT_FALSE(database_.Prepare("SELECT n FROM numbers").status().ok() &&
               database_.Prepare("SELECT n FROM numbers").Next());
}

TEST_F(DatabaseTest, KeepsABoundedNumber) {
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < 3 * Statements::kMaxKept; ++i) {
      Statement query = database_.Prepare("SELECT " + std::to_string(i));
      ASSERT_TRUE(query.Next());
      EXPECT_EQ(query.Int(0), static_cast<std::int64_t>(i));
    }
  }
  EXPECT_EQ(database_.kept(), Statements::kMaxKept);
}

TEST_F(DatabaseTest, APragmaIsNotKept) {
  const std::size_t before = database_.kept();
  EXPECT_TRUE(database_.Prepare("PRAGMA user_version").Next());
  EXPECT_EQ(database_.kept(), before);
}

TEST_F(DatabaseTest, ATransactionThatSqliteGaveUpIsKnown) {
  EXPECT_FALSE(database_.InTransaction());
  Transaction transaction(database_);
  EXPECT_TRUE(database_.InTransaction());
  ASSERT_TRUE(database_.Execute("ROLLBACK").ok());
  EXPECT_FALSE(database_.InTransaction());
  EXPECT_FALSE(transaction.Commit().ok());
}

}  // namespace
}  // namespace sidecar::store
