#include <atomic>
#include <future>

#include "tests/sidecar/peer_fixture.h"

namespace sidecar::peers {
namespace {

using notifier::Outcome;
using notifier::State;
using Word = notifier::Passage::Word;

TEST_F(PeerTest, TheSecondHoldsItsMessageAndTheFirstDoesNot) {
  Post(0);
  Post(1);
  EXPECT_TRUE(Claim(0).has_value());
  EXPECT_FALSE(Claim(1).has_value());
  clock_.Advance(kHold - base::Millis(1));
  EXPECT_FALSE(Claim(1).has_value());
  clock_.Advance(base::Millis(1));
  EXPECT_TRUE(Claim(1).has_value());
}

TEST_F(PeerTest, WhatTheFirstDeliveredTheSecondDoesNotSend) {
  Post(0);
  Post(1, "firing", "2026-11-22T10:00:05Z");  // another Prometheus of a pair
  Deliver(0);
  clock_.Advance(kHold);
  const auto passage = Ask(1, *Claim(1));
  EXPECT_EQ(passage.word, Word::kElsewhere);
  EXPECT_EQ(passage.detail, "delivered by fraud-0");
  EXPECT_EQ(passage.provider_id, "77");
  ASSERT_EQ(calls_.size(), 1u);
  EXPECT_EQ(calls_[0].url, "http://fraud-0/api/v1/peer/delivery");
  EXPECT_EQ(calls_[0].headers.at("Authorization"), "Bearer 0123456789abcdef");  // the first
}

TEST_F(PeerTest, WhoCannotSendLetsTheSecondSendAndThenKeepsSilent) {
  Post(0);
  Post(1);
  Settle(0, *Claim(0), State::kRetrying, Outcome::kTemporary);
  clock_.Advance(kHold);
  const auto second = Claim(1);
  EXPECT_EQ(Ask(1, *second).word, Word::kSend);
  Settle(1, *second, State::kDelivered, Outcome::kDelivered, "78");
  // Its mail server is back.
  const auto passage = Ask(0, *Claim(0));
  EXPECT_EQ(passage.word, Word::kElsewhere);
  EXPECT_EQ(passage.provider_id, "78");
}

TEST_F(PeerTest, OfTwoAtOnceTheLaterAskerHearsOfTheOther) {
  Post(0);
  Post(1);
  Settle(0, *Claim(0), State::kRetrying, Outcome::kTemporary);
  clock_.Advance(kHold);
  const auto second = Claim(1);
  EXPECT_EQ(Ask(1, *second).word, Word::kSend);
  EXPECT_EQ(Ask(0, *Claim(0)).word, Word::kSendMarked);
}

TEST_F(PeerTest, ATryThatMayHaveArrivedMakesTheSecondsOneARepeat) {
  Post(0);
  Post(1);
  Settle(0, *Claim(0), State::kAmbiguous, Outcome::kAmbiguous);
  clock_.Advance(kHold);
  const auto second = Claim(1);
  EXPECT_EQ(Ask(1, *second).word, Word::kSendMarked);
  // Also when a later try of the first was refused: the doubt stays.
  Settle(0, *Claim(0), State::kRetrying, Outcome::kTemporary);
  EXPECT_EQ(Ask(1, *second).detail, "fraud-0 may have sent it");
}

TEST_F(PeerTest, NoAnswerIsSentAndMarked) {
  Post(1);
  clock_.Advance(kHold);
  const auto claimed = Claim(1);
  const std::string delivered =
      R"({"name": "fraud-0", "state": "delivered", "lease_ends_in_ms": 0, "provider_id": ""})";
  const std::vector<base::HttpOutcome> answers = {
      Dead(),
      {.reply = base::Error{base::ErrorCode::kTimeout, "no answer"}, .sent = true},
      {.reply = base::Error{base::ErrorCode::kFull, "over 64 KiB"}, .sent = true},
      Says(200, "<html>hello</html>"),
      Says(200, std::string(60'000, '[')),
      Says(401, delivered),
      Says(500, delivered),
      Says(404, delivered),
      Says(204, delivered),
  };
  for (const auto& answer : answers) {
    instead_ = [&](const base::HttpCall&) { return answer; };
    EXPECT_EQ(Ask(1, *claimed).word, Word::kSendMarked);
    clock_.Advance(PeerGate::kRest);
  }
  instead_ = [&](const base::HttpCall&) { return Says(200, delivered); };
  EXPECT_EQ(Ask(1, *claimed).word, Word::kElsewhere);
  EXPECT_EQ(side(1).gate.LongestAsk(), base::Millis(3'000));
  EXPECT_EQ(calls_.at(0).timeout, base::Millis(2'000));
  EXPECT_EQ(calls_.at(0).max_answer_bytes, 64u << 10);
}

TEST_F(PeerTest, OneThatIsTooSlowIsNotAskedForEachMessageOfAStorm) {
  Post(1);
  clock_.Advance(kHold);
  const auto claimed = Claim(1);
  instead_ = [](const base::HttpCall&) -> base::HttpOutcome {
    return {.reply = base::Error{base::ErrorCode::kTimeout, "no answer"}};
  };
  EXPECT_EQ(Ask(1, *claimed).word, Word::kSendMarked);
  EXPECT_EQ(Ask(1, *claimed).word, Word::kSendMarked);
  EXPECT_EQ(calls_.size(), 1u);
  clock_.Advance(PeerGate::kRest);
  instead_ = nullptr;
  EXPECT_EQ(Ask(1, *claimed).word, Word::kSend);
}

// What one hears is weighed (the second time that our own identity is asked for) without a lock.
TEST_F(PeerTest, WhoHearsAnAnswerDoesNotHoldUpAnother) {
  Post(1);
  clock_.Advance(kHold);
  const auto claimed = Claim(1);
  std::atomic<int> asked = 0;
  std::future<Word> other;
  std::unique_ptr<PeerGate> gate;
  Roster roster(
      &side(1).asker, &clock_,
      [&] {
        if (++asked == 2) {
          other = std::async(std::launch::async, [&] { return gate->Ask(*claimed, {}).word; });
          EXPECT_EQ(other.wait_for(std::chrono::seconds(30)), std::future_status::ready);
        }
        return IdentityOf(1);
      },
      &side(1).metrics);
  gate = std::make_unique<PeerGate>(side(1).store.get(), &side(1).asker, &roster, &clock_, kHold);
  EXPECT_EQ(gate->Ask(*claimed, {}).word, Word::kSend);
  EXPECT_EQ(other.get(), Word::kSend);
  EXPECT_EQ(asked, 4);
}

TEST_F(PeerTest, OneThatNeverHeardOfItLetsItBeSent) {
  Post(1);
  clock_.Advance(kHold);
  EXPECT_EQ(Ask(1, *Claim(1)).word, Word::kSend);
}

TEST_F(PeerTest, TheFirstIsNotStoppedByADeadSecondUnlessItIsLate) {
  clock_.Advance(PeerGate::kFresh);  // it has long been running
  Post(0);
  instead_ = [](const base::HttpCall&) { return Dead(); };
  const auto claimed = Claim(0);
  EXPECT_EQ(Ask(0, *claimed).word, Word::kSend);
  clock_.Advance(kHold);
  EXPECT_EQ(Ask(0, *claimed).word, Word::kSendMarked);
}

TEST_F(PeerTest, AnAlertThatFiresAgainIsNotTakenForItsEarlierFiring) {
  // To the first it fired, ended and fires again, with the startsAt it had.
  for (const int each : {0, 1}) {
    Post(each);
    Post(each, "resolved", kStart, "2026-11-22T10:00:20Z");
  }
  Deliver(0);
  Deliver(0);
  Post(1);  // only the second hears of it
  clock_.Advance(kHold);
  EXPECT_EQ(Ask(1, *Claim(1)).word, Word::kElsewhere);  // the first firing
  Settle(1, {.id = 1, .attempt = {.number = 1}}, State::kDelivered, Outcome::kDelivered);
  EXPECT_EQ(Ask(1, *Claim(1)).word, Word::kElsewhere);  // its end
  Settle(1, {.id = 2, .attempt = {.number = 1}}, State::kDelivered, Outcome::kDelivered);
  EXPECT_EQ(Ask(1, *Claim(1)).word, Word::kSend);  // that it fires again: nobody was told
}

TEST_F(PeerTest, ATestMessageIsNeverAskedFor) {
  AddRow(1, "test-1", std::nullopt);
  EXPECT_EQ(Ask(1, *Claim(1)).word, Word::kSend);
  EXPECT_TRUE(calls_.empty());
}

TEST_F(PeerTest, AMessageWhoseAlertWasLostByRecoveryIsMarked) {
  AddRow(1, "0123-7-0", std::nullopt);
  EXPECT_EQ(Ask(1, *Claim(1)).word, Word::kSendMarked);
  EXPECT_TRUE(calls_.empty());
}

TEST_F(PeerTest, ANoticeIsNeitherAskedForNorTakenForTheMessageThatWasLost) {
  Post(0);
  Post(1);
  Settle(0, *Claim(0), State::kFailed, Outcome::kPermanent);
  AddRow(0, "notice-0123-1-0", 1);
  const auto notice = Claim(0);
  EXPECT_EQ(Ask(0, *notice).word, Word::kSend);
  EXPECT_TRUE(calls_.empty());
  Settle(0, *notice, State::kDelivered, Outcome::kDelivered);
  const auto accepted = store::AcceptedSince(*side(0).store, 0, 10);
  ASSERT_TRUE(accepted.ok());
  EXPECT_TRUE(accepted->empty());
  clock_.Advance(kHold);
  EXPECT_EQ(Ask(1, *Claim(1)).word, Word::kSend);
}

TEST_F(PeerTest, WithoutATokenNobodyIsAskedAndItIsMarked) {
  Post(1);
  clock_.Advance(kHold);
  folder_.Remove("tokens");
  EXPECT_EQ(Ask(1, *Claim(1)).word, Word::kSendMarked);
  EXPECT_TRUE(calls_.empty());
}

}  // namespace
}  // namespace sidecar::peers
