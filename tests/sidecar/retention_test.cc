#include "sidecar/store/retention.h"

#include <gtest/gtest.h>

#include <thread>

#include "sidecar/store/deletion.h"
#include "sidecar/store/episodes.h"
#include "sidecar/store/messages.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace sidecar::store {
namespace {

constexpr base::WallMs kDay = std::int64_t{24} * 3600 * 1000;
constexpr base::WallMs kNow = 1000 * kDay;

// An episode of one transition, its webhook and one message with one try.
struct Past {
  base::WallMs last_seen_ms = 0;
  std::string state = "delivered";  // of the message
  bool open = false;
  int transitions = 1;
  std::size_t body_bytes = 10;
};

class RetentionTest : public testing::Test {
 protected:
  void AddAll(const std::vector<Past>& pasts) {
    Write([&](const Database& database) -> base::Status {
      for (const Past& past : pasts) {
        if (auto added = AddOne(database, past); !added) return added;
      }
      return {};
    });
  }
  void Add(const Past& past) { AddAll({past}); }
  static base::Status AddOne(const Database& database, const Past& past) {
    const auto id = *AddEpisode(database, {.source = "prod",
                                           .fingerprint = RandomName(),
                                           .first_seen_ms = past.last_seen_ms,
                                           .last_seen_ms = past.last_seen_ms});
    const auto webhook =
        *AddWebhook(database, "prod", std::string(past.body_bytes, 'x'), past.last_seen_ms);
    for (int i = 0; i < past.transitions; ++i) {
      const auto transition = *AddTransition(database, id, {.kind = "firing"}, webhook);
      const auto message = *AddMessage(
          database, {.key = RandomName(), .created_at_ms = past.last_seen_ms}, transition);
      Settle(database, message, past.state);
    }
    if (past.open) return {};
    return EndEpisode(database, id, past.last_seen_ms, "resolved", past.last_seen_ms);
  }
  static void Settle(const Database& database, std::int64_t message, const std::string& state) {
    EXPECT_TRUE(database.Prepare("UPDATE outbox SET state = ? WHERE id = ?")
                    .Bind(state)
                    .Bind(message)
                    .Run()
                    .ok());
    EXPECT_TRUE(
        database.Prepare("INSERT INTO attempts VALUES (NULL, ?, 1, 1, 1, 'x', 0, '', '', 0)")
            .Bind(message)
            .Run()
            .ok());
  }
  void Write(const Work& work) {
    const auto done = store_->Write(work);
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  std::int64_t Number(const std::string& sql) {
    std::int64_t number = -1;
    EXPECT_TRUE(store_
                    ->Read([&](const Database& database) {
                      Statement query = database.Prepare(sql);
                      if (query.Next()) number = query.Int(0);
                      return query.status();
                    })
                    .ok());
    return number;
  }
  std::int64_t Count(const std::string& table) { return Number("SELECT count(*) FROM " + table); }
  std::int64_t Rows() {
    return Count("episodes") + Count("transitions") + Count("outbox") + Count("attempts") +
           Count("webhooks");
  }
  std::string Episodes() {
    std::string ids;
    EXPECT_TRUE(store_
                    ->Read([&](const Database& database) {
                      Statement query = database.Prepare("SELECT id FROM episodes ORDER BY id");
                      while (query.Next()) ids += query.Text(0) + " ";
                      return query.status();
                    })
                    .ok());
    return ids;
  }
  // Until nothing more is to do; how often it was called.
  int Run(const RetentionPolicy& policy) {
    Retention retention(store_.get(), policy, &metrics_);
    for (int calls = 1; calls < 10'000; ++calls) {
      const auto more = retention.RunOnce(kNow);
      EXPECT_TRUE(more.ok()) << more.error().message;
      if (!more || !*more) return calls;
    }
    ADD_FAILURE() << "it never ends";
    return 0;
  }
  std::int64_t UsedBytes() {
    return (Number("PRAGMA page_count") - Number("PRAGMA freelist_count")) * 4096;
  }
  bool Exports(const std::string& line) {
    return metrics_.Text().find("fraud_sidecar_history_deleted_total" + line + "\n") !=
           std::string::npos;
  }

  support::TempDir folder_;
  support::ManualClock clock_;
  base::Metrics metrics_;
  std::unique_ptr<Store> store_ =
      std::move(*Store::Open(folder_.File("history.db"), clock_, &metrics_));
};

TEST_F(RetentionTest, WhatIsTooOldGoesWithAllThatBelongsToIt) {
  Add({.last_seen_ms = kNow - 11 * kDay});
  Add({.last_seen_ms = kNow - 9 * kDay});
  Run({.days = 10});
  EXPECT_EQ(Episodes(), "2 ");
  for (const char* table : {"transitions", "outbox", "attempts", "webhooks"}) {
    EXPECT_EQ(Count(table), 1) << table;
  }
  EXPECT_TRUE(Exports("{reason=\"age\"} 1"));
  EXPECT_TRUE(Exports("{reason=\"size\"} 0"));
}

TEST_F(RetentionTest, AnAlertsOwnTimesDoNotMakeItOld) {
  Add({.last_seen_ms = kNow, .open = true});
  Write([](const Database& database) {
    return EndEpisode(database, 1, /*ended_at_ms=*/-kNow, "resolved", kNow);
  });
  Run({.days = 10});
  EXPECT_EQ(Episodes(), "1 ");
}

TEST_F(RetentionTest, NeverAnOpenEpisodeNorOneThatPeopleWaitToHearOf) {
  Add({.last_seen_ms = 1, .open = true});
  for (const char* state : {"pending", "sending", "retrying", "ambiguous"}) {
    Add({.last_seen_ms = 1, .state = state});
  }
  Add({.last_seen_ms = 1});
  Run({.days = 10, .transitions = 0, .bytes = 0});
  EXPECT_EQ(Episodes(), "1 2 3 4 5 ");
  EXPECT_EQ(Count("attempts"), 5);
}

TEST_F(RetentionTest, WhatNeverArrivedGoesByAgeOnly) {
  for (const base::WallMs seen : {kNow - 11 * kDay, kNow - 9 * kDay}) {
    Add({.last_seen_ms = seen, .state = "failed"});
    Add({.last_seen_ms = seen, .state = "expired"});
  }
  Add({.last_seen_ms = kNow});
  Run({.days = 10, .transitions = 0, .bytes = 0});
  EXPECT_EQ(Episodes(), "3 4 ");
}

TEST_F(RetentionTest, TheOldestGoUntilTheTransitionsAreFewEnough) {
  std::vector<Past> pasts;
  pasts.reserve(120);
  for (int i = 0; i < 120; ++i) pasts.push_back({.last_seen_ms = kNow - i});
  AddAll(pasts);
  Run({.transitions = 70});
  EXPECT_EQ(Count("transitions"), 70);
  EXPECT_EQ(Number("SELECT min(last_seen_ms) FROM episodes"), kNow - 69);
  EXPECT_TRUE(Exports("{reason=\"count\"} 50"));
}

TEST_F(RetentionTest, GapsInTheIdsAreNotTransitions) {
  for (int i = 0; i < 10; ++i) Add({.last_seen_ms = kNow - 100 + i});
  Write([](const Database& database) {
    return database.Execute("UPDATE sqlite_sequence SET seq = 5000 WHERE name = 'transitions'");
  });
  Add({.last_seen_ms = kNow});
  Run({.transitions = 11});
  EXPECT_EQ(Count("episodes"), 11);
}

TEST_F(RetentionTest, TheSizeIsHeldWithFewButHugeRows) {
  for (int i = 0; i < 12; ++i) Add({.last_seen_ms = kNow - 12 + i, .body_bytes = 1'000'000});
  ASSERT_GT(UsedBytes(), 12'000'000);
  Run({.bytes = 5'000'000});
  EXPECT_LE(UsedBytes(), 5'000'000);
  EXPECT_EQ(Episodes(), "9 10 11 12 ") << "the newest that fit";
  EXPECT_TRUE(Exports("{reason=\"size\"} 8"));
}

TEST_F(RetentionTest, ForTheSizeWebhooksOfNothingGoBeforeAnyEpisode) {
  for (int i = 0; i < 5; ++i) Add({.last_seen_ms = 10 + i});
  Write([](const Database& database) -> base::Status {
    for (int i = 0; i < 30; ++i) {
      const auto added = AddWebhook(database, "prod", std::string(1'000'000, 'r'), kNow);
      if (!added) return added.error();
    }
    return {};
  });
  Run({.days = 10'000, .bytes = 4'000'000});
  EXPECT_LE(UsedBytes(), 4'000'000);
  EXPECT_EQ(Count("episodes"), 5);
  EXPECT_LT(Count("webhooks"), 5 + 4);
}

TEST_F(RetentionTest, OldWebhooksAndMessagesThatBelongToNothingGo) {
  Write([](const Database& database) -> base::Status {
    for (const base::WallMs at : {kNow - 11 * kDay, kNow - 9 * kDay}) {
      (void)*AddWebhook(database, "prod", "repeat", at);
      for (const char* state : {"delivered", "failed", "pending"}) {
        Settle(database, *AddMessage(database, {.key = RandomName(), .created_at_ms = at}, {}),
               state);
      }
    }
    return {};
  });
  Run({.days = 10});
  EXPECT_EQ(Count("webhooks"), 1);
  EXPECT_EQ(Count("outbox"), 4);
  EXPECT_EQ(Number("SELECT count(*) FROM outbox WHERE state = 'pending'"), 2);
}

TEST_F(RetentionTest, AWebhookStaysWhileAnotherEpisodeRefersToIt) {
  AddAll({{.last_seen_ms = 1}, {.last_seen_ms = kNow}});
  Write([](const Database& database) -> base::Status {
    const auto added = AddTransition(database, 2, {.kind = "resolved"}, /*webhook_id=*/1);
    return added ? base::Status() : base::Status(added.error());
  });
  Run({.days = 10});
  EXPECT_EQ(Episodes(), "2 ");
  EXPECT_EQ(Count("webhooks"), 2);
}

TEST_F(RetentionTest, ABatchIsBoundedAndOthersWriteBetweenTwo) {
  AddAll(std::vector<Past>(100, {.last_seen_ms = 1}));
  Add({.last_seen_ms = 2, .transitions = 300});
  Retention retention(store_.get(), {.days = 10}, &metrics_);
  int batches = 0;
  while (true) {
    const auto before = Rows();
    const auto more = retention.RunOnce(kNow);
    ASSERT_TRUE(more.ok()) << more.error().message;
    EXPECT_LE(before - Rows(), Deletion::kRows);
    if (!*more) break;
    ++batches;
    Add({.last_seen_ms = kNow});
  }
  EXPECT_GE(batches, (100 * 5 + 300 * 3) / Deletion::kRows);
  EXPECT_EQ(Count("episodes"), batches) << "only what was written meanwhile";
  EXPECT_EQ(Count("attempts"), batches);
}

TEST_F(RetentionTest, DeletesWhileOthersWrite) {
  AddAll(std::vector<Past>(300, {.last_seen_ms = 1}));
  std::vector<std::jthread> others;
  others.reserve(4);
  for (int i = 0; i < 4; ++i) {
    others.emplace_back([this] {
      for (int n = 0; n < 10; ++n) Add({.last_seen_ms = kNow});
    });
  }
  Run({.days = 10});
  others.clear();  // joins
  EXPECT_EQ(Count("episodes"), 40);
  EXPECT_EQ(Number("SELECT count(*) FROM episodes WHERE last_seen_ms = 1"), 0);
}

TEST_F(RetentionTest, WhatPeopleAreStillToBeToldOfStays) {
  AddAll({{.last_seen_ms = 1}, {.last_seen_ms = 2}, {.last_seen_ms = 3}});
  Write([](const Database& database) {
    return database.Execute(
        "UPDATE transitions SET tell = iif(episode_id = 1, 'held', 'storm') WHERE episode_id < 3");
  });
  Run({.days = 10, .transitions = 0, .bytes = 0});
  EXPECT_EQ(Episodes(), "1 2 ");
}

TEST_F(RetentionTest, ManyThatMayNotGoDoNotHideThoseThatMay) {
  std::vector<Past> pasts(Retention::kLookedAt + 10, {.last_seen_ms = 1, .state = "retrying"});
  pasts.push_back({.last_seen_ms = 2});
  AddAll(pasts);
  Run({.days = 10});
  EXPECT_EQ(Count("episodes"), Retention::kLookedAt + 10);
  EXPECT_EQ(Number("SELECT count(*) FROM episodes WHERE last_seen_ms = 2"), 0);
}

TEST_F(RetentionTest, NothingToDoIsNoWrite) {
  Add({.last_seen_ms = kNow});
  const auto before = store_->newest_write();
  EXPECT_EQ(Run({}), 1);
  EXPECT_EQ(store_->newest_write(), before);
}

}  // namespace
}  // namespace sidecar::store
