#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/store/messages.h"
#include "sidecar/store/outbox.h"
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
