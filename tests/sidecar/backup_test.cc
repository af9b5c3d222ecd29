#include "sidecar/store/backup.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "base/file.h"
#include "sidecar/store/episodes.h"
#include "tests/support/gate.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace sidecar::store {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

class BackupTest : public testing::Test {
 protected:
  std::string From() { return folder_.File("history.db"); }
  std::string To() { return folder_.File("copy.db"); }
  std::string Part() { return To() + ".part"; }
  std::unique_ptr<Store> Open(const std::string& path) {
    auto opened = Store::Open(path, clock_, &metrics_);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return std::move(*opened);
  }
  static base::Status AddEpisodes(Store& store, int number) {
    return store.Write([&](const Database& database) -> base::Status {
      for (int i = 0; i < number; ++i) {
        const auto added = AddEpisode(
            database, {.source = "prod", .fingerprint = RandomName(), .severity = "critical"});
        if (!added) return added.error();
      }
      return {};
    });
  }
  std::int64_t EpisodesIn(const std::string& path) {
    return CountOpen(*Open(path))->at("critical");
  }
  ErrorCode Refused() {
    const auto size = Backup(From(), To());
    EXPECT_FALSE(size.ok());
    EXPECT_FALSE(fs::exists(Part()));
    return size ? ErrorCode::kIo : size.error().code;
  }

  support::TempDir folder_;
  support::ManualClock clock_;
  base::Metrics metrics_;
};

TEST_F(BackupTest, CopiesAllThatIsCommittedWhileTheStoreIsOpen) {
  auto store = Open(From());
  ASSERT_TRUE(AddEpisodes(*store, 200).ok());
  const auto size = Backup(From(), To());
  ASSERT_TRUE(size.ok()) << size.error().message;
  EXPECT_EQ(size->episodes, 200);
  EXPECT_EQ(size->bytes, static_cast<std::int64_t>(fs::file_size(To())));
  EXPECT_FALSE(fs::exists(Part()));
  struct stat file {};
  ASSERT_EQ(stat(To().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  EXPECT_EQ(Open(To())->instance(), store->instance());
  EXPECT_EQ(EpisodesIn(To()), 200);
}

TEST_F(BackupTest, NeitherCheckpointsNorLocksTheHistory) {
  auto store = Open(From());
  ASSERT_TRUE(AddEpisodes(*store, 20).ok());
  const auto before = *base::ReadFile(From());
  const auto wal = *base::ReadFile(From() + "-wal");
  ASSERT_GT(wal.size(), 4096u) << "what was committed waits in the log";
  ASSERT_TRUE(Backup(From(), To()).ok());
  EXPECT_TRUE(*base::ReadFile(From()) == before);
  EXPECT_TRUE(*base::ReadFile(From() + "-wal") == wal);
  EXPECT_TRUE(AddEpisodes(*store, 1).ok());
}

TEST_F(BackupTest, CopiesAHistoryThatNobodyUses) {
  ASSERT_TRUE(AddEpisodes(*Open(From()), 3).ok());
  fs::remove(From() + ".lock");
  EXPECT_EQ(Backup(From(), To())->episodes, 3);
  EXPECT_FALSE(fs::exists(From() + ".lock"));
}

TEST_F(BackupTest, CopiesWhatAKilledProcessLeftInTheLog) {
  auto store = Open(From());
  ASSERT_TRUE(AddEpisodes(*store, 5).ok());
  fs::create_directory(folder_.File("left"));
  for (const char* suffix : {"", "-wal"}) {
    fs::copy_file(From() + suffix, folder_.File("left/history.db") + suffix);
  }
  EXPECT_EQ(Backup(folder_.File("left/history.db"), To())->episodes, 5);
}

TEST_F(BackupTest, WritesGoOnMeanwhileAndTheCopyIsOneMoment) {
  auto store = Open(From());
  ASSERT_TRUE(AddEpisodes(*store, 2000).ok());
  support::Gate written;
  std::jthread writer([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      ASSERT_TRUE(AddEpisodes(*store, 7).ok());
      written.Pass();
    }
  });
  ASSERT_TRUE(written.Wait());
  for (int i = 0; i < 5; ++i) {
    const std::string to = To() + std::to_string(i);
    const auto size = Backup(From(), to);
    ASSERT_TRUE(size.ok()) << size.error().message;
    EXPECT_EQ((size->episodes - 2000) % 7, 0) << "no write is in it by half";
    EXPECT_EQ(EpisodesIn(to), size->episodes);
    ASSERT_TRUE(written.Wait(written.passed() + 1)) << "the writer is alive";
  }
}

TEST_F(BackupTest, WhatIsThereIsNotWrittenOver) {
  auto store = Open(From());
  folder_.Write("copy.db", "precious");
  const auto refused = Backup(From(), To());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalid);
  EXPECT_EQ(refused.error().message, To() + " is there already, and is not written over");
  EXPECT_EQ(*base::ReadFile(To()), "precious");
}

TEST_F(BackupTest, WhatAnInterruptedBackupLeftIsNoHindrance) {
  auto store = Open(From());
  folder_.Write("copy.db.part", std::string(100'000, 'x'));
  fs::permissions(Part(), fs::perms(0644));
  EXPECT_TRUE(Backup(From(), To()).ok());
  EXPECT_EQ(fs::status(To()).permissions(), fs::perms(0600));
}

TEST_F(BackupTest, TwoAtOnceDoNotMix) {
  auto store = Open(From());
  const base::Fd other(open(Part().c_str(), O_RDWR | O_CREAT, 0600));
  ASSERT_EQ(flock(other.get(), LOCK_EX), 0);
  EXPECT_EQ(Backup(From(), To()).error().code, ErrorCode::kBusy);
  EXPECT_FALSE(fs::exists(To()));
}

TEST_F(BackupTest, AFailedOneLeavesNothing) {
  EXPECT_EQ(Refused(), ErrorCode::kNotFound);
  folder_.Write("history.db", std::string(8192, 'x'));
  EXPECT_EQ(Refused(), ErrorCode::kCorrupt);
  fs::remove(From());
  ASSERT_TRUE(Database::Open(From(), Database::Mode::kWriter)->Execute("CREATE TABLE t (n)").ok());
  EXPECT_EQ(Refused(), ErrorCode::kIo) << "a database of something else";
  EXPECT_FALSE(Backup(From(), folder_.File("absent/copy.db")).ok());
  EXPECT_FALSE(fs::exists(To()));
}

}  // namespace
}  // namespace sidecar::store
