#include <nlohmann/json.hpp>

#include "sidecar/peers/courier.h"
#include "tests/sidecar/peer_fixture.h"

namespace sidecar::peers {
namespace {

using nlohmann::json;
using notifier::Outcome;
using notifier::State;

class CourierTest : public PeerTest {
 protected:
  Courier courier_{side(0).store.get(), &side(0).asker, &side(0).roster, "fraud-0"};
};

TEST_F(CourierTest, WhatWasDeliveredSettlesTheRowThatWaitsElsewhere) {
  Post(0);
  Post(1);
  Deliver(0, "77");
  courier_.RunOnce({});
  const json waiting = json::parse(Episode(1, 1))["notifications"][0];
  EXPECT_EQ(waiting["state"], "delivered");
  ASSERT_EQ(waiting["attempts"].size(), 1u);
  EXPECT_EQ(waiting["attempts"][0]["outcome"], "elsewhere");
  EXPECT_EQ(waiting["attempts"][0]["detail"], "delivered by fraud-0");
  clock_.Advance(kHold);
  EXPECT_FALSE(Claim(1).has_value());
  // And the end replies to what the other one sent.
  Post(1, "resolved", kStart, "2026-11-22T10:00:40Z");
  clock_.Advance(kHold);
  EXPECT_EQ(Claim(1)->attempt.reply_to, "77");
}

TEST_F(CourierTest, ARowOnItsWayIsLeftAlone) {
  Post(0);
  Post(1);
  clock_.Advance(kHold);
  const auto sending = Claim(1);
  Deliver(0);
  courier_.RunOnce({});
  EXPECT_EQ(json::parse(Episode(1, 1))["notifications"][0]["state"], "sending");
  Settle(1, *sending, State::kDelivered, Outcome::kDelivered);
}

TEST_F(CourierTest, WhatAnotherDeliveredIsNotPassedOn) {
  Post(0);
  const json news = {{"name", "fraud-1"}, {"delivered", json::array()}};
  Deliver(0);
  courier_.RunOnce({});
  calls_.clear();
  courier_.RunOnce({});  // nothing new
  EXPECT_TRUE(calls_.empty());
  EXPECT_EQ(TakeNews(side(1).store.get(), {.body = news.dump()}, clock_.Now()).status, 200);
}

TEST_F(CourierTest, TheCpusOfPeersAreKeptWithTheTransition) {
  Post(0);
  EXPECT_EQ(json::parse(Episode(0, 1))["transitions"][0]["peers"], json::array());
  courier_.RunOnce({});
  const json expected = {
      {{"name", "fraud-x"}, {"evidence", {{"target_found", true}, {"utilization_15s", 0.5}}}}};
  EXPECT_EQ(json::parse(Episode(0, 1))["transitions"][0]["peers"], expected);
  EXPECT_EQ(calls_.size(), 1u);
  courier_.RunOnce({});
  EXPECT_EQ(calls_.size(), 1u);  // once
}

TEST_F(CourierTest, APeerThatDoesNotAnswerIsUnknown) {
  Post(0);
  instead_ = [](const base::HttpCall&) { return Dead(); };
  courier_.RunOnce({});
  const json peer = json::parse(Episode(0, 1))["transitions"][0]["peers"][0];
  EXPECT_EQ(peer["name"], "fraud-1");
  EXPECT_EQ(peer["unknown"], "fraud-1: refused");
  EXPECT_FALSE(peer.contains("evidence"));
}

TEST_F(CourierTest, GarbageIsCountedByWhoeverReadsIt) {
  Post(0);
  instead_ = [](const base::HttpCall&) { return Says(200, "[1]"); };
  const auto count = [&](const char* times) {
    return side(0).metrics.Text().find(
               std::string("fraud_sidecar_peer_garbage_total{peer=\"fraud-1\"} ") + times) !=
           std::string::npos;
  };
  EXPECT_TRUE(count("0"));
  courier_.RunOnce({});
  EXPECT_TRUE(count("1"));
  side(0).roster.RunOnce({});
  EXPECT_TRUE(count("2"));
}

TEST_F(CourierTest, OneThatIsThisSidecarItselfIsNeitherToldNorAsked) {
  const Peer peer = side(0).asker.others().at(0);
  side(0).roster.Met(peer, {.identity = IdentityOf(0)});
  Post(0);
  Deliver(0);
  courier_.RunOnce({});
  EXPECT_TRUE(calls_.empty());
  EXPECT_EQ(json::parse(Episode(0, 1))["transitions"][0]["peers"], json::array());
  // Mended: what comes now goes out, and nothing twice.
  side(0).roster.Met(peer, {.identity = IdentityOf(1)});
  Post(0, "resolved", kStart, "2026-11-22T10:00:40Z");
  courier_.RunOnce({});
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_TRUE(calls_[0].url.ends_with("/cpu"));
  EXPECT_EQ(json::parse(Episode(0, 1))["transitions"][1]["peers"].size(), 1u);
}

TEST(EvidenceOfPeers, GarbageIsUnknown) {
  const json all = json::parse(EvidenceOfPeers({{.name = "a"}, {.name = "b"}}, {{"[1]"}, {"{}"}}));
  EXPECT_EQ(all[0]["unknown"], "it answered garbage");
  EXPECT_EQ(all[1]["evidence"], json::object());
}

}  // namespace
}  // namespace sidecar::peers
