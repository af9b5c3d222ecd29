#include "sidecar/store/group.h"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <thread>

#include "tests/support/gate.h"
#include "tests/support/temp_dir.h"

namespace sidecar::store {
namespace {

using base::ErrorCode;
using base::Status;

class GroupTest : public testing::Test {
 protected:
  GroupTest() {
    EXPECT_TRUE(writer_
                    .Write([](const Database& database) {
                      return database.Execute(
                          "CREATE TABLE lines (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"
                          "CREATE TABLE notes (line INTEGER NOT NULL REFERENCES lines"
                          "                    DEFERRABLE INITIALLY DEFERRED)");
                    })
                    .ok());
    commits_before_ = Commits();
  }

  Database Open(Database::Mode mode) {
    return std::move(*Database::Open(folder_.File("group.db"), mode));
  }
  static Work Add(const std::string& text) {
    return [text](const Database& database) {
      return database.Prepare("INSERT INTO lines (text) VALUES (?)").Bind(text).Run();
    };
  }
  // What a first write's caller and then those of `works` are told, when all of these wait, in this
  // order, while the first one runs.
  std::vector<Status> Together(const std::vector<Work>& works) {
    support::Gate all_wait;
    std::vector<std::future<Status>> told;
    told.reserve(works.size() + 1);
    const auto start = [&](const Work& work) {
      const std::size_t before = writer_.waiting();
      told.push_back(std::async(std::launch::async, [&] { return writer_.Write(work); }));
      while (writer_.waiting() == before) std::this_thread::yield();
    };
    const Work first = [&](const Database&) -> Status {
      return all_wait.Wait() ? Status() : base::Error{ErrorCode::kTimeout, "nobody came"};
    };
    start(first);
    for (const Work& work : works) start(work);
    all_wait.Pass();
    std::vector<Status> statuses;
    statuses.reserve(told.size());
    for (auto& each : told) statuses.push_back(each.get());
    return statuses;
  }
  std::string Lines() {
    const Database reader = Open(Database::Mode::kReader);
    Statement query = reader.Prepare("SELECT coalesce(group_concat(text, ' '), '') FROM lines");
    EXPECT_TRUE(query.Next());
    return query.Text(0);
  }
  int Commits() {
    constexpr char kName[] = "\nfraud_sidecar_store_commits_total ";
    const std::string text = metrics_.Text();
    return std::stoi(text.substr(text.find(kName) + sizeof(kName) - 1));
  }

  support::TempDir folder_;
  base::Metrics metrics_;
  GroupWriter writer_{Open(Database::Mode::kWriter), &metrics_};
  int commits_before_ = 0;
};

TEST_F(GroupTest, WritesThatComeTogetherShareOneCommit) {
  const auto told = Together({Add("a"), Add("b"), Add("c"), Add("d")});
  for (const Status& each : told) EXPECT_TRUE(each.ok()) << each.error().message;
  EXPECT_EQ(Lines(), "a b c d");
  EXPECT_EQ(Commits() - commits_before_, 1) << "the first one's changed nothing";
}

TEST_F(GroupTest, AGroupIsBounded) {
  std::vector<Work> works;
  works.reserve(GroupWriter::kMaxGroup + 1);
  for (std::size_t i = 0; i < GroupWriter::kMaxGroup + 1; ++i) {
    works.push_back(Add(std::to_string(i)));
  }
  for (const Status& each : Together(works)) EXPECT_TRUE(each.ok());
  EXPECT_EQ(Commits() - commits_before_, 2);
}

TEST_F(GroupTest, OfManyThreadsEachFindsItsRow) {
  constexpr int kThreads = 8;
  constexpr int kWrites = 25;
  {
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([this, thread] {
        for (int i = 0; i < kWrites; ++i) {
          const std::string text = std::to_string(thread) + "-" + std::to_string(i);
          ASSERT_TRUE(writer_.Write(Add(text)).ok());
          EXPECT_EQ(writer_.Write(Add(text)).error().code, ErrorCode::kInvalid) << "is there";
        }
      });
    }
  }
  const std::string lines = Lines() + " ";
  EXPECT_EQ(std::count(lines.begin(), lines.end(), ' '), kThreads * kWrites);
  EXPECT_LE(Commits() - commits_before_, kThreads * kWrites);
}

TEST_F(GroupTest, AWorkThatFailsIsUndoneAlone) {
  const Work half = [](const Database& database) -> Status {
    EXPECT_TRUE(Add("half")(database).ok());
    return base::Error{ErrorCode::kNotFound, "the other half"};
  };
  const auto told = Together({Add("a"), half, Add("half"), Add("a")});
  EXPECT_TRUE(told[1].ok());
  EXPECT_EQ(told[2].error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(told[3].ok()) << "the failed work's row is not there";
  EXPECT_EQ(told[4].error().code, ErrorCode::kInvalid) << "a is there already";
  EXPECT_EQ(Lines(), "a half");
}

TEST_F(GroupTest, AWorkThatThrowsIsAWorkThatFails) {
  const Work thrower = [](const Database& database) -> Status {
    EXPECT_TRUE(Add("thrown")(database).ok());
    throw std::runtime_error("no memory");
  };
  const auto told = Together({Add("a"), thrower, Add("b")});
  EXPECT_NE(told[2].error().message.find("no memory"), std::string::npos);
  EXPECT_EQ(writer_.Write(thrower).error().code, ErrorCode::kIo);
  EXPECT_EQ(Lines(), "a b");
}

TEST_F(GroupTest, WhenTheCommitFailsAllAreTold) {
  const Work dangling = [](const Database& database) {
    return database.Execute("INSERT INTO notes VALUES (4711)");
  };
  const auto told = Together({Add("a"), dangling, Add("b")});
  EXPECT_TRUE(told[0].ok()) << "is of another group";
  for (const std::size_t i : {1, 2, 3}) EXPECT_EQ(told[i].error().code, ErrorCode::kInvalid);
  EXPECT_EQ(Lines(), "");
  EXPECT_EQ(Commits(), commits_before_);
  EXPECT_TRUE(writer_.Write(Add("a")).ok());
}

TEST_F(GroupTest, WhenSqliteGivesUpTheTransactionAllAreTold) {
  ASSERT_TRUE(writer_
                  .Write([](const Database& database) {
                    return database.Prepare("PRAGMA max_page_count = 20").Run();
                  })
                  .ok());
  const std::int64_t before = writer_.newest();
  const auto told = Together({Add("a"), Add(std::string(200'000, 'x')), Add("b")});
  for (const std::size_t i : {1, 2, 3}) EXPECT_EQ(told[i].error().code, ErrorCode::kFull) << i;
  EXPECT_EQ(Lines(), "");
  EXPECT_GT(writer_.newest(), before);
  EXPECT_TRUE(writer_.Write(Add("b")).ok()) << "there is room for that";
  EXPECT_EQ(Lines(), "b");
}

TEST_F(GroupTest, AWriteThatChangesNothingIsNoNews) {
  std::int64_t seen = 0;
  const Work look = [&](const Database& database) {
    seen = writer_.newest();
    return database.Execute("DELETE FROM lines WHERE text = 'nobody'");
  };
  ASSERT_TRUE(writer_.Write(look).ok());
  EXPECT_EQ(writer_.newest(), seen);
  EXPECT_EQ(Commits(), commits_before_);
}

TEST_F(GroupTest, WhatIsWrittenAfterAWorkIsNewsToIt) {
  std::int64_t seen = 0;
  const Work look = [&](const Database&) -> Status {
    seen = writer_.newest();
    return {};
  };
  Together({look, Add("a")});
  EXPECT_GT(writer_.newest(), seen) << "in its own group";
  ASSERT_TRUE(writer_.Write(look).ok());
  ASSERT_TRUE(writer_.Write(Add("b")).ok());
  EXPECT_GT(writer_.newest(), seen) << "in a later one";
}

TEST_F(GroupTest, AFailedCommitIsNewsToWhoSawItsRows) {
  std::int64_t seen = 0;
  const Work look = [&](const Database&) -> Status {
    seen = writer_.newest();
    return {};
  };
  const Work dangling = [](const Database& database) {
    return database.Execute("INSERT INTO notes VALUES (4711)");
  };
  const auto told = Together({dangling, look});
  EXPECT_FALSE(told[2].ok());
  EXPECT_GT(writer_.newest(), seen);
}

}  // namespace
}  // namespace sidecar::store
