#include "sidecar/store/outbox.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/notifier/outbox_contract.h"
#include "tests/notifier/outbox_wait_contract.h"
#include "tests/sidecar/outbox_bench.h"

namespace notifier {
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, OutboxContract, sidecar::store::SqliteBench);
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, OutboxWaitContract, sidecar::store::SqliteBench);
}  // namespace notifier

namespace sidecar::store {
namespace {

constexpr base::Millis kLease{60'000};
const notifier::Message kMessage{
    .key = "k", .channel = "email", .target = "a@example.org", .thread = "t", .created_at_ms = 500};

TEST(SqliteOutbox, AKeyIsThereOnce) {
  SqliteBench bench;
  bench.Add(kMessage);
  const auto again = bench.store->Write([&](const Database& database) -> base::Status {
    const auto added = AddMessage(database, kMessage, std::nullopt);
    return added ? base::Status() : base::Status(added.error());
  });
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, base::ErrorCode::kInvalid);
}

TEST(SqliteOutbox, SummaryCountsEveryStateAndTheOldestWaiting) {
  SqliteBench bench;
  EXPECT_EQ(SummariseOutbox(*bench.store)->rows.size(), 7u);
  EXPECT_FALSE(SummariseOutbox(*bench.store)->oldest_live_ms.has_value());
  bench.Add(kMessage);
  const auto claimed = *bench.outbox().ClaimNext("email", 1000, kLease);
  EXPECT_EQ(SummariseOutbox(*bench.store)->rows.at("sending"), 1);
  EXPECT_EQ(SummariseOutbox(*bench.store)->oldest_live_ms, 500);
  ASSERT_TRUE(bench.outbox().Settle(*claimed, {.state = notifier::State::kDelivered}, 1001).ok());
  EXPECT_EQ(SummariseOutbox(*bench.store)->rows.at("delivered"), 1);
  EXPECT_FALSE(SummariseOutbox(*bench.store)->oldest_live_ms.has_value());
}

TEST(SqliteOutbox, WhatIsHeldWaitsFromWhenItIsDue) {
  SqliteBench bench;
  notifier::Message held = kMessage;
  held.not_before_ms = 600'000;
  bench.Add(held);
  EXPECT_EQ(SummariseOutbox(*bench.store)->oldest_live_ms, 600'000);
  const auto claimed = *bench.outbox().ClaimNext("email", 600'000, kLease);
  EXPECT_EQ(SummariseOutbox(*bench.store)->oldest_live_ms, 500) << "tried: it is that late";
  ASSERT_TRUE(bench.outbox().Release(*claimed, 700'000, 600'001).ok());
  EXPECT_EQ(SummariseOutbox(*bench.store)->oldest_live_ms, 500) << "no network makes none young";
}

TEST(SqliteOutbox, AQuietOutboxIsNotLookedAtUntilSomethingIsWrittenOrDue) {
  SqliteBench bench;
  const auto look = [&](base::WallMs now) {
    for (const char* channel : {"email", "telegram"}) {
      const auto claimed = bench.outbox().ClaimNext(channel, now, kLease);
      ASSERT_TRUE(claimed.ok()) << claimed.error().message;
      EXPECT_FALSE(claimed->has_value());
    }
  };
  const auto written = bench.store->newest_write();
  look(1000);
  {
    const auto other = Database::Open(bench.folder.File("history.db"), Database::Mode::kWriter);
    const Transaction held(*other);
    ASSERT_TRUE(held.begun().ok());
    look(2000);  // without a transaction, which would not begin
  }
  EXPECT_EQ(bench.store->newest_write(), written) << "no channel wakes the other";
  EXPECT_NE(bench.metrics.Text().find("\nfraud_sidecar_store_commits_total 0\n"),
            std::string::npos);
  bench.Add(kMessage);
  EXPECT_TRUE(bench.outbox().ClaimNext("email", 2000, kLease)->has_value());
}

TEST(SqliteOutbox, WaitForTryEndsWithTheTry) {
  SqliteBench bench;
  const long long id = bench.Add(kMessage);
  const auto far = base::SteadyTime::clock::now() + std::chrono::hours(1);
  auto waiting = std::async(std::launch::async, [&] { return bench.sqlite->WaitForTry(id, far); });
  const auto claimed = *bench.outbox().ClaimNext("email", 1000, kLease);
  ASSERT_TRUE(bench.outbox()
                  .Settle(*claimed,
                          {.state = notifier::State::kRetrying,
                           .due_at_ms = 9000,
                           .result = {.outcome = notifier::Outcome::kTemporary, .detail = "busy"}},
                          1001)
                  .ok());
  const auto row = waiting.get();
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->state, "retrying");
  EXPECT_EQ(row->last_detail, "busy");
}

TEST(SqliteOutbox, WaitForTryIsBounded) {
  SqliteBench bench;
  const long long id = bench.Add(kMessage);
  const auto row = bench.sqlite->WaitForTry(id, base::SteadyTime::clock::now());
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->state, "pending");
  EXPECT_FALSE(bench.sqlite->WaitForTry(999, base::SteadyTime::clock::now()).ok());
}

}  // namespace
}  // namespace sidecar::store
