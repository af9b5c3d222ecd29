#pragma once

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <set>

#include "sidecar/store/episodes.h"
#include "sidecar/store/messages.h"
#include "sidecar/store/outbox.h"
#include "tests/support/manual_clock.h"
#include "tests/support/temp_dir.h"

namespace sidecar::store {

namespace fs = std::filesystem;

inline constexpr int kEpisodes = 1500;
inline constexpr std::size_t kPageBytes = 4096;

// A history with rows in all its tables, and ways to damage it.
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
  static base::Status Fill(const Database& database, int episodes) {
    std::int64_t webhook = 0;
    for (int i = 1; i <= episodes; ++i) {
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
  void MakeHistory(int episodes = kEpisodes) {
    Open();
    ASSERT_TRUE(
        store_->Write([&](const Database& database) { return Fill(database, episodes); }).ok());
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

}  // namespace sidecar::store
