#include <nlohmann/json.hpp>

#include "sidecar/query/api.h"
#include "tests/sidecar/emergency_fixture.h"

namespace sidecar::webhook {
namespace {

using nlohmann::json;

class EmergencyAdoptTest : public EmergencyFixture {
 protected:
  json Notifications(int id = 1) {
    return json::parse(query::ShowAlert(*store_, {.captures = {std::to_string(id)}}).body)
        .value("notifications", json::array());
  }
};

TEST_F(EmergencyAdoptTest, AnAcceptedPageIsTakenOverAsDelivered) {
  Break();
  Post({AlertBody{"firing"}});
  const auto page = Claim();
  Settle(*page, State::kDelivered);
  Mend();
  EXPECT_EQ(Post({AlertBody{"firing"}}), 200);
  const json rows = Notifications();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0]["state"], "delivered");
  EXPECT_EQ(rows[0]["key"], page->message.key);
  ASSERT_EQ(rows[0]["attempts"].size(), 1u);
  EXPECT_EQ(rows[0]["attempts"][0]["outcome"], "delivered");
  EXPECT_NE(rows[0]["attempts"][0]["detail"].get<std::string>().find("sent before recorded"),
            std::string::npos);
  // The resolved is told the usual way, and answers the page.
  EXPECT_EQ(Post({AlertBody{"resolved"}}), 200);
  store::SqliteOutbox outbox(store_.get(), "owner");
  const auto resolved = *outbox.ClaimNext("email", clock_.Now(), kLease);
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->attempt.reply_to, "71");
  EXPECT_FALSE(pages_.Find(page->id)) << "nothing is kept of it";
}

TEST_F(EmergencyAdoptTest, APageThatWasNotTriedIsWithdrawn) {
  Break();
  Post({AlertBody{"firing"}});
  Mend();
  EXPECT_EQ(Post({AlertBody{"firing"}}), 200);
  EXPECT_EQ(Notifications()[0]["state"], "pending");
  EXPECT_TRUE(Notifications()[0]["attempts"].empty());
  EXPECT_FALSE(Claim()) << "it would come twice";
}

TEST_F(EmergencyAdoptTest, APageThatWasRefusedIsWithdrawn) {
  Break();
  Post({AlertBody{"firing"}});
  Settle(*Claim(), State::kRetrying);
  Mend();
  EXPECT_EQ(Post({AlertBody{"firing"}}), 200);
  EXPECT_EQ(Notifications()[0]["state"], "pending");
}

TEST_F(EmergencyAdoptTest, APageOnItsWayIsTakenOverAsAmbiguous) {
  Break();
  Post({AlertBody{"firing"}});
  const auto page = Claim();
  ASSERT_TRUE(page);
  Mend();
  EXPECT_EQ(Post({AlertBody{"firing"}}), 200);
  EXPECT_EQ(Notifications()[0]["state"], "ambiguous");
  EXPECT_EQ(Notifications()[0]["attempts"][0]["outcome"], "ambiguous");
  store::SqliteOutbox outbox(store_.get(), "owner");
  const auto again = *outbox.ClaimNext("email", clock_.Now(), kLease);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->attempt.possible_repeat);
  EXPECT_EQ(again->message.key, page->message.key) << "the same Message-Id";
}

TEST_F(EmergencyAdoptTest, ARefusalAfterItWasTakenOverGivesThePageBack) {
  Break();
  Post({AlertBody{"firing"}});
  Mend();
  Emergency::Adopted adopted;
  Alert alert{.firing = true, .fingerprint = "f1"};
  ASSERT_TRUE(base::ParseUtc(kStart, &alert.starts_at_ms));
  const Origin origin{.source = "prod", .webhook_id = 1, .now = clock_.Now()};
  const auto work = [&](const store::Database& database) {
    return emergency_->Adopt(database, origin, {alert}, &adopted);
  };
  ASSERT_TRUE(store_->Write(work).ok());
  EXPECT_FALSE(Claim()) << "held until it is known";
  emergency_->Finish(adopted, false);
  EXPECT_TRUE(Claim());
}

TEST_F(EmergencyAdoptTest, WhatTheHistoryKnowsIsNoNews) {
  EXPECT_EQ(Post({AlertBody{"firing"}}), 200);
  Break();
  EXPECT_EQ(Post({AlertBody{"firing"}}), 503) << "a repeat";
  EXPECT_FALSE(Claim());
  EXPECT_EQ(Post({AlertBody{"resolved"}}), 503);
  EXPECT_FALSE(Claim()) << "it would overtake the firing, which waits in the history";
  store::SqliteOutbox outbox(store_.get(), "owner");
  const auto firing = *outbox.ClaimNext("email", clock_.Now(), kLease);
  ASSERT_TRUE(outbox.Settle(*firing, {}, clock_.Now()).ok());
  EXPECT_EQ(Post({AlertBody{"resolved"}}), 503) << "Alertmanager's retry";
  const auto page = Claim();
  ASSERT_TRUE(page);
  EXPECT_NE(page->message.text.find("RESOLVED: Hot"), std::string::npos);
  Settle(*page, State::kDelivered);
  Mend();
  EXPECT_EQ(Post({AlertBody{"resolved"}}), 200);
  EXPECT_EQ(Notifications()[1]["kind"], "resolved");
  EXPECT_EQ(Notifications()[1]["state"], "delivered");
}

TEST_F(EmergencyAdoptTest, AnEpisodeThatTheHistoryNeverSawIsToldInOrder) {
  Break();
  Post({AlertBody{"firing"}});
  Post({AlertBody{"resolved"}});
  const auto firing = Claim();
  ASSERT_TRUE(firing);
  EXPECT_FALSE(Claim()) << "the resolved waits for its firing";
  Settle(*firing, State::kDelivered);
  const auto resolved = Claim();
  ASSERT_TRUE(resolved);
  EXPECT_NE(resolved->message.text.find("RESOLVED: Hot"), std::string::npos);
  Settle(*resolved, State::kDelivered);
  // What was sent is not taken for what comes next.
  Mend();
  EXPECT_EQ(Post({AlertBody{"resolved"}}), 200);
  EXPECT_EQ(Post({AlertBody{"firing"}}), 200);
  EXPECT_EQ(Notifications()[0]["state"], "pending");
}

TEST_F(EmergencyAdoptTest, APageWhoseNewsWasHeldBackIsTold) {
  AlertBody other = AlertBody{"firing"};
  other.fingerprint = "f0";
  EXPECT_EQ(Post({other}), 200);
  Break();
  Post({AlertBody{"firing"}});
  Settle(*Claim(), State::kDelivered);
  Mend();
  // As a history does that leaves the news for later: no row yet.
  Sql("CREATE TRIGGER later AFTER INSERT ON outbox WHEN NEW.key NOT LIKE '%-1-0' BEGIN"
      " DELETE FROM outbox WHERE id = NEW.id;"
      " UPDATE transitions SET tell = 'storm' WHERE id = NEW.transition_id; END");
  EXPECT_EQ(Post({AlertBody{"firing"}}), 200);
  ASSERT_EQ(Notifications(2).size(), 1u);
  EXPECT_EQ(Notifications(2)[0]["state"], "delivered");
  std::string tell;
  ASSERT_TRUE(store_
                  ->Read([&](const store::Database& database) {
                    auto query = database.Prepare("SELECT tell FROM transitions WHERE id = 2");
                    if (query.Next()) tell = query.Text(0);
                    return query.status();
                  })
                  .ok());
  EXPECT_EQ(tell, "told");
}

TEST_F(EmergencyAdoptTest, AnEndThatWasNotSentIsWithdrawnWhenTheAlertFires) {
  EXPECT_EQ(Post({AlertBody{"firing"}}), 200);
  Break();
  Post({AlertBody{"resolved"}});
  Post({AlertBody{"firing", "2026-11-22T10:02:00Z"}});
  Mend();
  EXPECT_EQ(Post({AlertBody{"firing", "2026-11-22T10:02:00Z"}}), 200);
  EXPECT_FALSE(Claim()) << "the last word would be RESOLVED while it fires";
}

TEST_F(EmergencyAdoptTest, AnEndThatTheHistoryNeverSawIsToldByItsPage) {
  Break();
  Post({AlertBody{"firing"}});
  Settle(*Claim(), State::kDelivered);
  Post({AlertBody{"resolved"}});
  Mend();
  EXPECT_EQ(Post({AlertBody{"resolved"}}), 200);
  const auto page = Claim();
  ASSERT_TRUE(page) << "no row tells it";
  EXPECT_NE(page->message.text.find("RESOLVED: Hot"), std::string::npos);
}

TEST_F(EmergencyAdoptTest, WhatWasForgottenIsTakenOverAsAmbiguous) {
  Break();
  Post({AlertBody{"firing"}});
  const auto page = Claim();
  ASSERT_TRUE(page);
  Settle(*page, State::kDelivered);
  pages_.Remove(page->id);  // as many pages since do
  EXPECT_EQ(Post({AlertBody{"firing"}}), 503);
  EXPECT_FALSE(Claim()) << "it is still known that there was one";
  Mend();
  EXPECT_EQ(Post({AlertBody{"firing"}}), 200);
  EXPECT_EQ(Notifications()[0]["state"], "ambiguous");
}

TEST_F(EmergencyAdoptTest, AHeartbeatTakesNothingOver) {
  Break();
  Post({AlertBody{"firing"}});
  Mend();
  AlertBody heartbeat = AlertBody{"firing"};
  heartbeat.name = "Watchdog";
  heartbeat.severity = "none";
  EXPECT_EQ(Post({heartbeat}), 200);
  EXPECT_TRUE(Claim()) << "the page of the same fingerprint is still wanted";
}

}  // namespace
}  // namespace sidecar::webhook
