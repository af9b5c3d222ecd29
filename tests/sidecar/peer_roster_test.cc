#include <thread>

#include "sidecar/peers/roster.h"
#include "tests/sidecar/peer_fixture.h"
#include "tests/support/log_pipe.h"

namespace sidecar::peers {
namespace {

using Mistakes = std::set<Mistake>;

const Identity kOwn{.run = "a", .position = 1, .name = "fraud-1", .sources = {"prod"}};

TEST(Compare, FindsWhatDoesNotFit) {
  struct Case {
    const char* what;
    Identity peer;
    Mistakes mistakes;
  };
  const std::vector<Case> cases = {
      {"as it should be", {"b", 0, "fraud-0", {"prod"}}, {}},
      {"ourselves, and nothing else", {"a", 1, "fraud-1", {"prod"}}, {Mistake::kItself}},
      {"our position", {"b", 1, "fraud-0", {"prod"}}, {Mistake::kPosition}},
      {"another than listed", {"b", 2, "fraud-2", {"prod"}}, {Mistake::kOrder}},
      {"our name", {"b", 0, "fraud-1", {"prod"}}, {Mistake::kName}},
      {"another source", {"b", 0, "fraud-0", {"other"}}, {Mistake::kSource}},
      {"one more source", {"b", 0, "fraud-0", {"other", "prod"}}, {}},
      {"sources not told", {"b", 0, "fraud-0", {}}, {}},
      {"copied settings", {"b", 1, "fraud-1", {"prod"}}, {Mistake::kPosition, Mistake::kName}},
  };
  for (const Case& each : cases) EXPECT_EQ(Compare(kOwn, 0, each.peer), each.mistakes) << each.what;
}

TEST(Compare, EveryMistakeNamesAFlag) {
  for (const Mistake mistake : kMistakes) {
    EXPECT_TRUE(WhatToMend(mistake).starts_with("--")) << MistakeName(mistake);
  }
}

class RosterTest : public PeerTest {
 protected:
  Roster& roster() { return side(0).roster; }
  Mistakes Found() {
    Mistakes found;
    for (const auto& each : roster().Findings()) found.insert(each.mistake);
    return found;
  }
  std::string Gauge(const std::string& reason) {
    const std::string text = side(0).metrics.Text();
    const std::string sample =
        R"(fraud_sidecar_peer_misconfigured{peer="fraud-1",reason=")" + reason + "\"} ";
    const auto at = text.find(sample);
    return at == std::string::npos ? "" : text.substr(at + sample.size(), 1);
  }
};

TEST_F(RosterTest, AsksAtOnceAndThenRarely) {
  roster().RunOnce({});
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_EQ(calls_[0].url, "http://fraud-1/api/v1/peer/identity");
  EXPECT_EQ(Gauge("position"), "0");
  clock_.Advance(Roster::kUntilAnswered);
  roster().RunOnce({});
  EXPECT_EQ(calls_.size(), 1u);
  clock_.Advance(Roster::kEvery - Roster::kUntilAnswered);
  roster().RunOnce({});
  EXPECT_EQ(calls_.size(), 2u);
  EXPECT_TRUE(Found().empty());
}

TEST_F(RosterTest, OneThatDoesNotAnswerIsUnknownAndAskedSooner) {
  instead_ = [](const base::HttpCall&) { return Dead(); };
  roster().RunOnce({});
  EXPECT_EQ(Gauge("position"), "");
  EXPECT_EQ(Gauge("token"), "");
  instead_ = nullptr;
  clock_.Advance(Roster::kUntilAnswered);
  roster().RunOnce({});
  EXPECT_EQ(Gauge("position"), "0");
}

TEST_F(RosterTest, AMistakeIsKnownUntilItIsMended) {
  identities_[1].position = 0;
  roster().RunOnce({});
  EXPECT_EQ(Found(), Mistakes({Mistake::kPosition}));
  EXPECT_EQ(Gauge("position"), "1");
  clock_.Advance(Roster::kEvery);
  instead_ = [](const base::HttpCall&) { return Dead(); };  // it is being restarted
  roster().RunOnce({});
  EXPECT_EQ(Gauge("position"), "1");
  instead_ = nullptr;
  identities_[1].position = 1;
  clock_.Advance(Roster::kUntilAnswered);
  roster().RunOnce({});
  EXPECT_TRUE(Found().empty());
  EXPECT_EQ(Gauge("position"), "0");
}

TEST_F(RosterTest, OnlyThePeersRefusalIsAboutTheToken) {
  for (const auto& answer :
       {Says(401, ""), Says(403, ""), Says(500, ""),
        base::HttpOutcome{.reply = base::Error{base::ErrorCode::kDenied, "certificate"}}}) {
    const bool refused = answer.reply && answer.reply->status != 500;
    instead_ = [&](const base::HttpCall&) { return answer; };
    roster().RunOnce({});
    EXPECT_EQ(Gauge("token"), refused ? "1" : "0");
    EXPECT_EQ(Found(), refused ? Mistakes({Mistake::kToken}) : Mistakes());
    instead_ = nullptr;
    clock_.Advance(Roster::kEvery);
    roster().RunOnce({});
    EXPECT_EQ(Gauge("token"), "0");
    clock_.Advance(Roster::kEvery);
  }
}

TEST_F(RosterTest, AMessageTellsToo) {
  Post(0);
  identities_[1].name = "fraud-0";
  EXPECT_EQ(Ask(0, *Claim(0)).word, notifier::Passage::Word::kSend);
  EXPECT_EQ(Found(), Mistakes({Mistake::kName}));
}

TEST_F(RosterTest, AnOlderPeerIsAsGoodAsAny) {
  Post(1);
  clock_.Advance(kHold);
  const auto claimed = Claim(1);
  instead_ = [](const base::HttpCall& call) {
    if (!call.url.ends_with("/peer/delivery")) return Says(404, "");
    return Says(200, R"({"name": "fraud-0", "state": "delivered", "lease_ends_in_ms": 0,
                         "provider_id": ""})");
  };
  side(1).roster.RunOnce({});
  EXPECT_EQ(Ask(1, *claimed).word, notifier::Passage::Word::kElsewhere);
  EXPECT_TRUE(side(1).roster.Findings().empty());
}

TEST_F(RosterTest, OneThatIsOlderThanIdentitiesHasAnsweredAndOnlyItsTokenIsKnown) {
  identities_[1].run = identities_[0].run;
  roster().RunOnce({});
  EXPECT_EQ(Found(), Mistakes({Mistake::kItself}));
  instead_ = [](const base::HttpCall&) { return Says(404, ""); };
  clock_.Advance(Roster::kEvery);
  roster().RunOnce({});
  EXPECT_TRUE(Found().empty());
  EXPECT_EQ(Gauge("itself"), "");
  EXPECT_EQ(calls_.size(), 2u);
  EXPECT_EQ(side(0).metrics.Text().find(R"(result="failed")"), std::string::npos);
  roster().Refused(side(0).asker.others().at(0));  // so a message learned
  clock_.Advance(Roster::kUntilAnswered);
  roster().RunOnce({});
  EXPECT_EQ(calls_.size(), 2u);
  clock_.Advance(Roster::kEvery - Roster::kUntilAnswered);
  roster().RunOnce({});
  EXPECT_EQ(calls_.size(), 3u);
  EXPECT_EQ(Found(), Mistakes({Mistake::kToken}));
}

TEST_F(RosterTest, OneWhoseIdentityCannotBeReadIsBelievedAndThatIsToldOnce) {
  Post(1);
  clock_.Advance(kHold);
  const auto claimed = Claim(1);
  const std::string identity = R"("identity": {"version": 1, "run": "run-0"}})";
  instead_ = [&](const base::HttpCall& call) {
    if (!call.url.ends_with("/peer/delivery")) return Says(200, "{" + identity);
    return Says(200, R"({"name": "fraud-0", "state": "delivered", "lease_ends_in_ms": 0,
                         "provider_id": "", )" +
                         identity);
  };
  support::LogPipe pipe;
  base::log::Start(base::log::Level::kInfo, base::log::Format::kLogfmt);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Ask(1, *claimed).word, notifier::Passage::Word::kElsewhere);
    side(1).roster.RunOnce({});
    clock_.Advance(Roster::kUntilAnswered);
  }
  EXPECT_EQ(calls_.size(), 3u);  // the worker's question was answered
  EXPECT_TRUE(side(1).roster.Findings().empty());
  const std::string log = pipe.StopAndRead();
  const std::string line =
      R"( warning peer_identity_unread peer=fraud-0 error="position: missing")";
  const auto at = log.find(line);
  EXPECT_NE(at, std::string::npos) << log;
  EXPECT_EQ(log.find("peer_identity_unread", at + line.size()), std::string::npos) << log;
}

TEST_F(RosterTest, ATokenFileThatIsNotThereIsNoPathThatThePeerLacks) {
  identities_[1].position = 0;
  roster().RunOnce({});
  folder_.Remove("tokens");
  clock_.Advance(Roster::kEvery);
  roster().RunOnce({});
  EXPECT_EQ(calls_.size(), 1u);
  EXPECT_EQ(Found(), Mistakes({Mistake::kPosition}));
  EXPECT_NE(side(0).metrics.Text().find(R"(result="failed")"), std::string::npos);
  folder_.Write("tokens", "a 0123456789abcdef\n");
  clock_.Advance(Roster::kUntilAnswered);
  roster().RunOnce({});
  EXPECT_EQ(calls_.size(), 2u);
}

// As a page, the worker, the list and a scrape do at once; for the thread sanitizer.
TEST_F(RosterTest, ManyThreadsMayCallIt) {
  const Peer peer = side(0).asker.others().at(0);
  const Identity itself = IdentityOf(0);
  const std::vector<std::function<void()>> calls = {
      [&] { roster().Met(peer, {.identity = itself}); },
      [&] { roster().Met(peer, {.problem = "x"}); },
      [&] { roster().Refused(peer); },
      [&] { roster().Lacks(peer); },
      [&] { roster().RunOnce({}); },
      [&] { EXPECT_FALSE(roster().IsItself({.position = 9})); },
      [&] { EXPECT_LE(Found().size(), 2u); },
      [&] { Gauge("itself"); }};
  {
    std::vector<std::jthread> threads;
    threads.reserve(calls.size());
    for (const auto& call : calls) {
      threads.emplace_back([&call] {
        for (int i = 0; i < 200; ++i) call();
      });
    }
  }
  roster().Met(peer, {.identity = itself});
  EXPECT_EQ(Found(), Mistakes({Mistake::kItself}));
  EXPECT_EQ(Gauge("itself"), "1");
}

// The first URL leads back: what it asks about is its own row.
TEST_F(RosterTest, OneThatAsksItselfSendsAndSaysThatNobodyElseWasAsked) {
  Post(1);
  clock_.Advance(kHold);
  const auto claimed = *side(1).outbox.ClaimNext("email", clock_.Now(), base::Millis(1'000));
  instead_ = [this](const base::HttpCall& call) {
    const auto answer =
        AnswerDelivery(*side(1).store, IdentityOf(1), {.body = call.body}, clock_.Now());
    EXPECT_NE(answer.body.find("\"sending\""), std::string::npos);
    return Says(answer.status, answer.body);
  };
  const auto passage = Ask(1, *claimed);
  EXPECT_EQ(passage.word, notifier::Passage::Word::kSendMarked);
  EXPECT_EQ(passage.detail, "fraud-1 is this sidecar itself, another was not asked");
  EXPECT_TRUE(side(1).roster.IsItself({.position = 0}));
}

// Each lists the other before itself.
TEST_F(RosterTest, TwoAtOnePositionDoNotWaitForEachOther) {
  identities_[0].position = 1;
  Post(0);
  Post(1);
  clock_.Advance(kHold);
  const auto first = *side(0).outbox.ClaimNext("email", clock_.Now(), base::Millis(1'000));
  const auto second = *side(1).outbox.ClaimNext("email", clock_.Now(), base::Millis(1'000));
  EXPECT_EQ(Ask(1, *second).word, notifier::Passage::Word::kSendMarked);
  EXPECT_EQ(Ask(0, *first).word, notifier::Passage::Word::kSendMarked);
}

}  // namespace
}  // namespace sidecar::peers
