#include "sidecar/store/recover.h"

#include "tests/sidecar/recover_fixture.h"

namespace sidecar::store {
namespace {

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

TEST_F(RecoverTest, AFileWithoutARowIsBegunAnew) {
  MakeHistory();
  folder_.Write("history.db", std::string(20 * kPageBytes, '\x7f'));
  Open();
  EXPECT_EQ(Number("SELECT count(*) FROM episodes"), 0);
  EXPECT_NE(store_->instance(), instance_) << "keys of both never meet";
  ExpectSound();
}

}  // namespace
}  // namespace sidecar::store
