#include "sidecar/store/recover.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "sidecar/store/episodes.h"
#include "sidecar/store/messages.h"
#include "sidecar/store/outbox.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace sidecar::store {
namespace {

namespace fs = std::filesystem;

constexpr int kEpisodes = 1500;
constexpr std::size_t kPageBytes = 4096;

class RecoverTest : public testing::Test {
 protected:
  void Open() {
    auto opened = Store::Open(Path(), clock_, &metrics_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = std::move(*opened);
  }
  std::string Path() { return folder_.File("history.db"); }
  std::string Aside() { return Path() + ".corrupt-" + std::to_string(clock_.Now()); }

  // Episode i has id i, one transition i with one message i; ten of them came in one webhook.
  static base::Status Fill(const Database& database) {
    std::int64_t webhook = 0;
    for (int i = 1; i <= kEpisodes; ++i) {
      if (i % 10 == 1) {
        webhook =
            *AddWebhook(database, "prod", std::string(6000, static_cast<char>('a' + i % 26)), i);
      }
      const auto episode = AddEpisode(database, {.source = "prod",
                                                 .fingerprint = "f" + std::to_string(i),
                                                 .name = "Hot",
                                                 .severity = "critical",
                                                 .annotations_json = std::string(200, 'x')});
      const auto transition = AddTransition(
          database, *episode,
          {.kind = "firing", .at_ms = i, .received_at_ms = i, .evidence_json = "{}"}, webhook);
      const auto message = AddMessage(database,
                                      {.key = "k" + std::to_string(i),
                                       .channel = "email",
                                       .target = "a@example.org",
                                       .thread = "t" + std::to_string(i),
                                       .text = std::string(300, 'y')},
                                      *transition);
      if (!message) return message.error();
    }
    return database.Execute("UPDATE outbox SET state = 'delivered' WHERE id > 10");
  }
  void MakeHistory() {
    Open();
    ASSERT_TRUE(store_->Write(Fill).ok());
    instance_ = store_->instance();
    SqliteOutbox outbox(store_.get(), "the run before");
    ASSERT_EQ((*outbox.ClaimNext("email", 1000, base::Millis(60'000)))->id, 1);
    std::string roots;
    Read("SELECT rootpage FROM sqlite_schema WHERE rootpage > 0",
         [&](const Statement& row) { roots_.insert(row.Int(0)); });
    store_.reset();
  }

  // Overwrites `number` pages that a seed picks; not the roots of tables, behind which nothing can
  // be read, nor their inner pages.
  void Damage(unsigned seed, int number) {
    std::fstream file(Path(), std::ios::in | std::ios::out | std::ios::binary);
    std::mt19937 random(seed);
    const std::size_t pages = fs::file_size(Path()) / kPageBytes;
    while (number > 0) {
      const std::size_t chosen = 2 + random() % (pages - 1);
      const auto at = static_cast<std::streamoff>((chosen - 1) * kPageBytes);
      constexpr int kInnerTablePage = 5;
      file.seekg(at);
      if (roots_.contains(static_cast<std::int64_t>(chosen)) || file.get() == kInnerTablePage) {
        continue;
      }
      std::array<char, kPageBytes> noise{};
      for (char& byte : noise) byte = static_cast<char>(random());
      file.seekp(at).write(noise.data(), noise.size());
      --number;
    }
  }

  // Zeroes the first page that holds `text`.
  void DamagePageOf(const std::string& text) {
    std::ifstream in(Path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const std::size_t at = bytes.find(text);
    ASSERT_NE(at, std::string::npos);
    bytes.replace(at / kPageBytes * kPageBytes, kPageBytes, kPageBytes, '\0');
    folder_.Write("history.db", bytes);
  }

  void Read(const std::string& sql, const std::function<void(const Statement&)>& each) {
    const auto done = store_->Read([&](const Database& database) {
      Statement query = database.Prepare(sql);
      while (query.Next()) each(query);
      return query.status();
    });
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  std::int64_t Number(const std::string& sql) {
    std::int64_t number = -1;
    Read(sql, [&](const Statement& row) { number = row.Int(0); });
    return number;
  }
  void ExpectSound() {
    std::string told;
    Read("PRAGMA integrity_check", [&](const Statement& row) { told += row.Text(0); });
    EXPECT_EQ(told, "ok");
    Read("PRAGMA foreign_key_check", [](const Statement& row) { ADD_FAILURE() << row.Text(0); });
  }

  support::TempDir folder_;
  support::ManualClock clock_;
  base::Metrics metrics_;
  std::unique_ptr<Store> store_;
  std::string instance_;
  std::set<std::int64_t> roots_;
};

TEST_F(RecoverTest, MostRowsOutliveDamagedPages) {
  MakeHistory();
  fs::copy_file(Path(), Path() + ".whole");
  for (unsigned seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    clock_.Advance(base::Millis(1));
    fs::copy_file(Path() + ".whole", Path(), fs::copy_options::overwrite_existing);
    Damage(seed, 10);
    Open();
    ASSERT_TRUE(fs::exists(Aside())) << "the damage was seen";
    EXPECT_EQ(store_->instance(), instance_);
    for (const char* table : {"episodes", "transitions", "outbox"}) {
      EXPECT_GT(Number(std::string("SELECT count(*) FROM ") + table), kEpisodes * 8 / 10) << table;
    }
    EXPECT_GT(Number("SELECT count(*) FROM webhooks"), kEpisodes / 10 * 8 / 10);
    ExpectSound();
    store_.reset();
  }
}

TEST_F(RecoverTest, AllThatIsOutsideTheDamagedPageIsBack) {
  MakeHistory();
  DamagePageOf("f700Hot");
  Open();
  const std::int64_t lost = kEpisodes - Number("SELECT count(*) FROM episodes");
  EXPECT_GE(lost, 2);
  EXPECT_LE(lost, static_cast<std::int64_t>(kPageBytes / 200)) << "no more than a page holds";
  EXPECT_EQ(Number("SELECT count(*) FROM episodes WHERE id = 700"), 0);
  EXPECT_EQ(Number("SELECT count(*) FROM transitions"), kEpisodes - lost);
  EXPECT_EQ(Number("SELECT count(*) FROM outbox"), kEpisodes) << "messages outlive their episodes";
  EXPECT_EQ(Number("SELECT count(*) FROM outbox WHERE transition_id IS NULL"), lost);
  ExpectSound();
}

TEST_F(RecoverTest, WhatNobodyGotYetIsSent) {
  MakeHistory();
  DamagePageOf("f700Hot");
  Open();
  SqliteOutbox outbox(store_.get(), "this run");
  std::set<std::int64_t> claimed;
  std::set<std::int64_t> possible_repeats;
  while (const auto next = *outbox.ClaimNext("email", 2000, base::Millis(60'000))) {
    claimed.insert(next->id);
    if (next->attempt.possible_repeat) possible_repeats.insert(next->id);
  }
  EXPECT_EQ(claimed, (std::set<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(possible_repeats, std::set<std::int64_t>{1}) << "was being sent";
}

TEST_F(RecoverTest, IdsOfLostRowsAreNotGivenAgain) {
  // The newest episodes are lost, then what numbers them too.
  for (const char* damaged : {"f1500Hot", "episodes\x05\xdc"}) {
    SCOPED_TRACE(damaged);
    for (const auto& entry : fs::directory_iterator(folder_.path())) fs::remove(entry);
    MakeHistory();
    DamagePageOf(damaged);
    if (*damaged == 'e') DamagePageOf("f1500Hot");
    Open();
    EXPECT_LT(Number("SELECT max(id) FROM episodes"), kEpisodes);
    EXPECT_GE(Number("SELECT seq FROM sqlite_sequence WHERE name = 'episodes'"), kEpisodes);
    EXPECT_EQ(store_->instance(), instance_);
    store_.reset();
  }
}

TEST_F(RecoverTest, ARecoveryThatWasCutShortBeginsAnew) {
  MakeHistory();
  Damage(2, 5);
  fs::rename(Path(), Path() + ".corrupt-77");
  fs::copy_file(Path() + ".corrupt-77", Path() + ".corrupt-9");
  fs::resize_file(Path() + ".corrupt-9", kPageBytes);
  folder_.Write("history.db.recovering", "half a copy");
  Open();
  EXPECT_EQ(store_->instance(), instance_);
  EXPECT_GT(Number("SELECT count(*) FROM episodes"), kEpisodes * 9 / 10);
  EXPECT_FALSE(fs::exists(Path() + ".recovering"));
  EXPECT_TRUE(fs::exists(Path() + ".corrupt-77"));
}

TEST_F(RecoverTest, WhatCannotBeOpenedForNowIsNotGivenUp) {
  MakeHistory();
  fs::rename(Path(), folder_.File("away"));
  fs::create_directory(Path() + ".corrupt-77");  // no file to read, and no damage either
  folder_.Write("history.db.recovering", "");
  EXPECT_FALSE(Store::Open(Path(), clock_, &metrics_).ok());
  fs::remove(Path() + ".corrupt-77");
  fs::rename(folder_.File("away"), Path() + ".corrupt-77");
  Open();
  EXPECT_EQ(Number("SELECT count(*) FROM episodes"), kEpisodes);
}

TEST_F(RecoverTest, AnOlderOneSetAsideIsNeverWrittenOver) {
  MakeHistory();
  Damage(2, 5);
  folder_.Write("history.db.corrupt-" + std::to_string(clock_.Now()), "older");
  Open();
  EXPECT_EQ(fs::file_size(Aside()), 5u);
  EXPECT_TRUE(fs::exists(Path() + ".corrupt-" + std::to_string(clock_.Now() + 1)));
}

TEST_F(RecoverTest, AFileWithoutAReadableSchemaIsBegunAnew) {
  MakeHistory();
  std::fstream(Path(), std::ios::in | std::ios::out | std::ios::binary)
      .seekp(100)
      .write(std::string(3000, '\x7f').data(), 3000);
  Open();
  EXPECT_EQ(Number("SELECT count(*) FROM episodes"), 0);
  EXPECT_NE(store_->instance(), instance_) << "keys of both never meet";
  ExpectSound();
}

}  // namespace
}  // namespace sidecar::store
