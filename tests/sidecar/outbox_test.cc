#include "sidecar/store/outbox.h"

#include <gtest/gtest.h>

#include <future>

#include "sidecar/store/messages.h"
#include "tests/notifier/outbox_contract.h"
#include "tests/notifier/outbox_wait_contract.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace sidecar::store {

// The outbox in a history file on disk.
struct SqliteBench {
  SqliteBench() { Open(); }
  void Open() {
    store = std::move(*Store::Open(folder.File("history.db"), clock, &metrics));
    sqlite = std::make_unique<SqliteOutbox>(store.get(), RandomName());
  }
  notifier::Outbox& outbox() { return *sqlite; }
  void Restart() {
    sqlite.reset();
    store.reset();
    Open();
  }
  long long Add(const notifier::Message& message) {
    long long id = 0;
    EXPECT_TRUE(store
                    ->Write([&](const Database& database) -> base::Status {
                      const auto added = AddMessage(database, message, std::nullopt);
                      if (!added) return added.error();
                      id = *added;
                      return {};
                    })
                    .ok());
    return id;
  }
  notifier::State StateOf(long long id) {
    std::string state;
    Read("SELECT state FROM outbox WHERE id = " + std::to_string(id),
         [&](const Statement& row) { state = row.Text(0); });
    return notifier::ParseState(state).value();
  }
  std::vector<std::pair<int, notifier::Outcome>> AttemptsOf(long long id) {
    using notifier::Outcome;
    std::vector<std::pair<int, Outcome>> attempts;
    Read("SELECT number, outcome FROM attempts WHERE outbox_id = " + std::to_string(id) +
             " ORDER BY id",
         [&](const Statement& row) {
           for (const Outcome outcome : notifier::kOutcomes) {
             if (OutcomeName(outcome) == row.Text(1)) attempts.emplace_back(row.Int(0), outcome);
           }
         });
    return attempts;
  }
  std::vector<notifier::Message> Waiting(const std::string& channel) {
    std::vector<notifier::Message> waiting;
    Read(std::string("SELECT ") + kMessageColumns + " FROM outbox WHERE state = 'pending'" +
             " AND channel = '" + channel + "' ORDER BY id",
         [&](const Statement& row) { waiting.push_back(ReadMessage(row, 0)); });
    return waiting;
  }
  void Read(const std::string& sql, const std::function<void(const Statement&)>& each) {
    EXPECT_TRUE(store
                    ->Read([&](const Database& database) {
                      auto query = database.Prepare(sql);
                      while (query.Next()) each(query);
                      return query.status();
                    })
                    .ok());
  }

  support::TempDir folder;
  support::ManualClock clock;
  base::Metrics metrics;
  std::unique_ptr<Store> store;
  std::unique_ptr<SqliteOutbox> sqlite;
};

}  // namespace sidecar::store

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

TEST(SqliteOutbox, AQuietOutboxIsNotLookedAtUntilSomethingIsWrittenOrDue) {
  SqliteBench bench;
  ASSERT_FALSE(bench.outbox().ClaimNext("email", 1000, kLease)->has_value());
  const auto looked = bench.store->newest_write();
  ASSERT_FALSE(bench.outbox().ClaimNext("email", 2000, kLease)->has_value());
  EXPECT_EQ(bench.store->newest_write(), looked) << "no transaction for nothing";
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
