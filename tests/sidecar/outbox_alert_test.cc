#include <gtest/gtest.h>

#include "tests/sidecar/outbox_bench.h"

namespace sidecar::store {
namespace {

constexpr base::Millis kLease{60'000};

// An alert that fired twice: two episodes with a firing each, the first with a resolved too.
class TwoEpisodes : public testing::Test {
 protected:
  TwoEpisodes() {
    Sql("INSERT INTO episodes (source, fingerprint, name, severity, labels, annotations,"
        " generator_url, starts_at_ms, ended_at_ms, first_seen_ms, last_seen_ms, seen_count)"
        " VALUES ('s', 'f', 'Hot', '', '{}', '{}', '', 0, 60000, 0, 0, 1),"
        " ('s', 'f', 'Hot', '', '{}', '{}', '', 120000, NULL, 0, 0, 1)");
    Sql("INSERT INTO transitions (episode_id, kind, at_ms, received_at_ms, evidence)"
        " VALUES (1, 'firing', 0, 0, '{}'), (1, 'resolved', 60000, 0, '{}'),"
        " (2, 'firing', 120000, 0, '{}')");
  }
  void Sql(const std::string& sql) {
    ASSERT_TRUE(
        bench.store->Write([&](const Database& database) { return database.Execute(sql); }).ok());
  }
  void Add(const std::string& subject, const std::string& thread, int transition,
           const std::string& target = "a@example.org") {
    const notifier::Message message{.key = subject + target,
                                    .channel = "email",
                                    .target = target,
                                    .thread = thread,
                                    .subject = subject,
                                    .text = subject,
                                    .created_at_ms = 500};
    ASSERT_TRUE(bench.store
                    ->Write([&](const Database& database) -> base::Status {
                      const auto added = AddMessage(database, message, transition);
                      return added ? base::Status() : base::Status(added.error());
                    })
                    .ok());
  }
  notifier::Claimed Claim(const char* channel = "email") {
    return **bench.outbox().ClaimNext(channel, now, kLease);
  }
  void Settle(const notifier::Claimed& claimed, notifier::State state) {
    const notifier::Settlement settlement{.state = state, .due_at_ms = now + 2000};
    ASSERT_TRUE(bench.outbox().Settle(claimed, settlement, now).ok());
  }

  SqliteBench bench;
  base::WallMs now = 1000;
};

TEST_F(TwoEpisodes, AClaimSaysWhichAlertAndEpisodeItIsAbout) {
  Add("firing", "two", 3);
  const auto claimed = Claim();
  EXPECT_EQ(claimed.message.alert, "Hot");
  EXPECT_EQ(claimed.message.episode, 2);
}

TEST_F(TwoEpisodes, AResolvedThatComesAfterTheNextFiringSaysSo) {
  Add("resolved", "one", 2);
  Settle(Claim(), notifier::State::kRetrying);
  Add("firing", "two", 3);
  const auto firing = Claim();
  EXPECT_EQ(firing.message.subject, "firing") << "it waits for no other episode";
  Settle(firing, notifier::State::kDelivered);
  now += 2000;
  const auto resolved = Claim();
  EXPECT_EQ(resolved.message.subject, "[earlier episode] resolved");
  EXPECT_EQ(resolved.message.text,
            "About an earlier episode: this alert fires again since 1970-01-01T00:02:00.000Z.\n\n"
            "resolved");
}

TEST_F(TwoEpisodes, AResolvedThatComesFirstIsAsItIs) {
  Add("resolved", "one", 2);
  Add("firing", "two", 3);
  EXPECT_EQ(Claim().message.subject, "resolved");
}

TEST_F(TwoEpisodes, WhatAnotherTargetGotChangesNothing) {
  Add("firing", "two", 3, "b@example.org");
  Settle(Claim(), notifier::State::kDelivered);
  Add("resolved", "one", 2);
  EXPECT_EQ(Claim().message.subject, "resolved");
}

TEST_F(TwoEpisodes, ANoticeIsOfTheTransitionOfWhatWasLost) {
  Add("firing", "one", 1);
  const notifier::Settlement lost{
      .state = notifier::State::kFailed,
      .notices = {{.brief = {.key = "notice-b", .channel = "telegram", .target = "7"},
                   .whole = {{.key = "notice-b", .channel = "telegram", .target = "7"}}}}};
  ASSERT_TRUE(bench.outbox().Settle(Claim(), lost, now).ok());
  std::int64_t transition = 0;
  bench.Read("SELECT transition_id FROM outbox WHERE key = 'notice-b'",
             [&](const Statement& row) { transition = row.Int(0); });
  EXPECT_EQ(transition, 1);
}

TEST_F(TwoEpisodes, WhatAnotherSidecarDeliveredIsNoReasonForAnotherNotice) {
  const auto lose = [&](const std::string& subject, int transition) {
    Add(subject, subject, transition);
    const notifier::Message brief{.key = "notice-" + subject,
                                  .channel = "telegram",
                                  .target = "7",
                                  .thread = "notice",
                                  .created_at_ms = now};
    // The person there has a row of its own.
    Sql("INSERT INTO outbox SELECT NULL, 'own-' || key, transition_id, 'telegram', '7', thread,"
        " subject, text, html, urgent, created_at_ms, 'delivered', due_at_ms, 1, 0, NULL, NULL,"
        " 0, 0, bold, severity, part FROM outbox WHERE subject = '" +
        subject + "'");
    const notifier::Settlement lost{.state = notifier::State::kFailed,
                                    .notices = {{.brief = brief}}};
    ASSERT_TRUE(bench.outbox().Settle(Claim(), lost, now).ok());
    now += 10;
  };
  const auto accept = [&](const std::string& subject, notifier::Outcome outcome) {
    Add(subject, subject, 1);
    const notifier::Settlement settlement{.state = notifier::State::kDelivered,
                                          .result = {.outcome = outcome}};
    ASSERT_TRUE(bench.outbox().Settle(Claim(), settlement, now).ok());
    now += 10;
  };
  const auto notices = [&] { return bench.Waiting("telegram").size(); };
  lose("first", 1);
  EXPECT_EQ(notices(), 1U);
  Settle(Claim("telegram"), notifier::State::kDelivered);
  accept("elsewhere", notifier::Outcome::kElsewhere);
  lose("second", 2);
  EXPECT_EQ(notices(), 0U);
  accept("here", notifier::Outcome::kDelivered);
  lose("third", 3);
  EXPECT_EQ(notices(), 1U);
}

TEST_F(TwoEpisodes, OfTheNewestEpisodesWhatWaitsIsHurried) {
  Add("old", "one", 1);
  for (int i = 0; i < 19; ++i) {
    Sql("INSERT INTO episodes SELECT NULL, source, fingerprint, name, severity, labels,"
        " annotations, generator_url, starts_at_ms, 1, NULL, 0, 0, 1, 0, 0, NULL, 0, NULL"
        " FROM episodes WHERE id = 1");
  }
  Add("new", "two", 3);
  ASSERT_TRUE(
      bench.store->Write([&](const Database& database) { return HurryEarlier(database, "s", "f"); })
          .ok());
  const auto waiting = bench.Waiting("email");
  EXPECT_FALSE(waiting.at(0).urgent) << "21 episodes ago";
  EXPECT_TRUE(waiting.at(1).urgent);
}

}  // namespace
}  // namespace sidecar::store
