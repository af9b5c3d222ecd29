#include "sidecar/store/store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/file.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace sidecar::store {
namespace {

using base::ErrorCode;

class StoreTest : public testing::Test {
 protected:
  base::Result<std::unique_ptr<Store>> Open() {
    return Store::Open(folder_.File("history.db"), clock_, &metrics_);
  }
  static base::Status Insert(Store& store, const std::string& source) {
    return store.Write([&](const Database& database) {
      return database
          .Prepare("INSERT INTO webhooks (source, received_at_ms, body) VALUES (?, 1, x'62')")
          .Bind(source)
          .Run();
    });
  }
  static int Rows(const Store& store) {
    int rows = -1;
    EXPECT_TRUE(store
                    .Read([&](const Database& database) {
                      auto query = database.Prepare("SELECT count(*) FROM webhooks");
                      if (query.Next()) rows = static_cast<int>(query.Int(0));
                      return query.status();
                    })
                    .ok());
    return rows;
  }

  support::TempDir folder_;
  support::ManualClock clock_;
  base::Metrics metrics_;
};

TEST_F(StoreTest, KeepsWhatWasCommittedAndItsName) {
  std::string instance;
  {
    auto store = Open();
    ASSERT_TRUE(store.ok()) << store.error().message;
    instance = (*store)->instance();
    EXPECT_EQ(instance.size(), 32u);
    ASSERT_TRUE(Insert(**store, "prod").ok());
  }
  auto again = Open();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->instance(), instance);
  EXPECT_EQ(Rows(**again), 1);
}

TEST_F(StoreTest, RollsBackAllOfAFailedWrite) {
  auto store = Open();
  const auto failed = (*store)->Write([](const Database& database) -> base::Status {
    auto inserted = database.Execute(
        "INSERT INTO webhooks (source, received_at_ms, body) VALUES ('a', 1, x'00')");
    EXPECT_TRUE(inserted.ok());
    return database.Execute("INSERT INTO nonsense VALUES (1)");
  });
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(Rows(**store), 0);
  EXPECT_NE(metrics_.Text().find("fraud_sidecar_store_errors_total{code=\"io\"} 1"),
            std::string::npos);
  EXPECT_TRUE(Insert(**store, "prod").ok());
}

TEST_F(StoreTest, SaysWhyItCannotWriteUntilItCan) {
  auto store = Open();
  EXPECT_FALSE((*store)->trouble());
  const auto fail = [&](ErrorCode code) {
    (void)(*store)
        ->Write([&](const Database&) -> base::Status {
          return base::Error{code, "so it is"};
        })
        .ok();
  };
  fail(ErrorCode::kBusy);
  fail(ErrorCode::kInvalid);
  EXPECT_FALSE((*store)->trouble()) << "not the disk's fault";
  fail(ErrorCode::kFull);
  ASSERT_TRUE((*store)->trouble());
  EXPECT_EQ((*store)->trouble()->message, "so it is");
  EXPECT_TRUE((*store)->Write([](const Database&) { return base::Status(); }).ok());
  EXPECT_TRUE((*store)->trouble()) << "it had nothing to store";
  EXPECT_TRUE((*store)->TryToWrite(1).ok());
  EXPECT_FALSE((*store)->trouble());
}

TEST_F(StoreTest, WritesOfManyThreadsAreAllThere) {
  auto store = Open();
  {
    std::vector<std::jthread> threads;
    threads.reserve(8);
    for (int thread = 0; thread < 8; ++thread) {
      threads.emplace_back([&] {
        for (int i = 0; i < 25; ++i) EXPECT_TRUE(Insert(**store, "prod").ok());
      });
    }
  }
  EXPECT_EQ(Rows(**store), 200);
  EXPECT_GE((*store)->newest_write(), 1);
  EXPECT_LE((*store)->newest_write(), 200);
}

TEST_F(StoreTest, TheReadingConnectionCannotWrite) {
  auto store = Open();
  const auto refused =
      (*store)->Read([](const Database& database) { return database.Execute("DELETE FROM meta"); });
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kDenied);
}

TEST_F(StoreTest, ASecondProcessIsKeptOut) {
  auto first = Open();
  const auto second = Open();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
  EXPECT_NE(second.error().message.find("in use by another process"), std::string::npos);
}

TEST_F(StoreTest, AFileThatWasNeverAHistoryIsLeftAsItIs) {
  for (const std::string& text : {std::string("listen = 0.0.0.0:1\n"), std::string(8192, 'x')}) {
    folder_.Write("history.db", text);
    const auto refused = Open();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalid);
    EXPECT_NE(refused.error().message.find("history.db is not an SQLite database"),
              std::string::npos);
    EXPECT_EQ(*base::ReadFile(folder_.File("history.db")), text);
    const std::filesystem::directory_iterator entries(folder_.path());
    EXPECT_EQ(std::distance(begin(entries), end(entries)), 1) << "nothing beside it";
  }
  folder_.Write("history.db", "");
  EXPECT_TRUE(Open().ok()) << "an empty file is a new one";
}

TEST_F(StoreTest, ACorruptFileIsMovedAsideNotDeleted) {
  const std::string garbage(8192, 'x');
  folder_.Write("history.db.lock", "");  // of an earlier run
  folder_.Write("history.db", garbage);
  auto store = Open();
  ASSERT_TRUE(store.ok()) << store.error().message;
  EXPECT_EQ(Rows(**store), 0);
  const std::string aside = folder_.File("history.db.corrupt-" + std::to_string(clock_.Now()));
  ASSERT_TRUE(std::filesystem::exists(aside));
  EXPECT_EQ(std::filesystem::file_size(aside), garbage.size());
}

TEST_F(StoreTest, AFileFromANewerProgramIsServedAndKeepsItsVersion) {
  {
    auto store = Open();
    ASSERT_TRUE((*store)
                    ->Write([](const Database& database) {
                      return database.Execute(
                          "ALTER TABLE webhooks ADD COLUMN later TEXT NOT NULL DEFAULT '';"
                          "PRAGMA user_version = 1000");
                    })
                    .ok());
  }
  auto store = Open();
  ASSERT_TRUE(store.ok()) << store.error().message;
  EXPECT_TRUE(Insert(**store, "prod").ok());
  std::int64_t version = 0;
  ASSERT_TRUE((*store)
                  ->Read([&](const Database& database) {
                    auto query = database.Prepare("PRAGMA user_version");
                    if (query.Next()) version = query.Int(0);
                    return query.status();
                  })
                  .ok());
  EXPECT_EQ(version, 1000);
}

TEST_F(StoreTest, NothingIsStoredInAFileThatHasNoNameAnyMore) {
  for (const char* lost : {"history.db", "history.db-wal"}) {
    SCOPED_TRACE(lost);
    auto store = Open();
    ASSERT_TRUE(Insert(**store, "prod").ok());
    EXPECT_FALSE((*store)->trouble());
    std::filesystem::rename(folder_.File(lost), folder_.File("elsewhere"));
    const auto refused = Insert(**store, "prod");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(
        refused.error().message,
        folder_.File(lost) + " was removed or replaced while it is in use: restart the sidecar");
    ASSERT_TRUE((*store)->trouble());
    std::ofstream(folder_.File(lost)) << "another";
    EXPECT_FALSE(Insert(**store, "prod").ok());
    std::filesystem::rename(folder_.File("elsewhere"), folder_.File(lost));
    EXPECT_TRUE(Insert(**store, "prod").ok());
    EXPECT_FALSE((*store)->trouble());
  }
}

TEST_F(StoreTest, AnUnwritablePlaceIsNamed) {
  const auto refused = Store::Open(folder_.File("absent/history.db"), clock_, &metrics_);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(refused.error().message, "the directory " + folder_.File("absent") + " does not exist");
  const std::ofstream file(folder_.File("file"));
  const auto within = Store::Open(folder_.File("file/history.db"), clock_, &metrics_);
  ASSERT_FALSE(within.ok());
  EXPECT_EQ(within.error().message, folder_.File("file") + " is not a directory");
}

TEST_F(StoreTest, TextMayHoldAnyByte) {
  auto store = Open();
  const std::string odd("a\0b'\";--\xff", 9);
  ASSERT_TRUE(Insert(**store, odd).ok());
  std::string read;
  ASSERT_TRUE((*store)
                  ->Read([&](const Database& database) {
                    auto query = database.Prepare("SELECT source FROM webhooks");
                    if (query.Next()) read = query.Text(0);
                    return query.status();
                  })
                  .ok());
  EXPECT_EQ(read, odd);
}

}  // namespace
}  // namespace sidecar::store
