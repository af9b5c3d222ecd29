#include "tests/notifier/dispatcher_fixture.h"
#include "tests/support/fake_gate.h"

// What a Dispatcher asks before it sends, whom it tells when it cannot, and a machine without a
// network.
namespace notifier {
namespace {

using Word = Passage::Word;

class GateTest : public DispatcherTest {
 protected:
  int RunGated() { return gated.RunOnce({}); }

  support::FakeGate gate;
  Dispatcher gated = Make({.gate = &gate});
};

TEST_F(GateTest, WhatNobodySentIsSent) {
  const long long id = Add("hot");
  EXPECT_EQ(RunGated(), 1);
  EXPECT_EQ(gate.asked, (std::vector<long long>{id}));
  EXPECT_EQ(outbox.StateOf(id), State::kDelivered);
  EXPECT_FALSE(channel.attempts[0].possible_repeat);
  EXPECT_GE(outbox.last_lease, channel.LongestSend() + gate.LongestAsk() + base::Millis(30'000));
}

TEST_F(GateTest, AMarkStaysWithTheRow) {
  Add("hot");
  gate.answers = {{.word = Word::kSendMarked}, {.word = Word::kSend}};
  Answer(Outcome::kTemporary);
  RunGated();
  clock.Advance(base::Millis(2000));
  RunGated();
  ASSERT_EQ(channel.attempts.size(), 2U);
  EXPECT_TRUE(channel.attempts[0].possible_repeat);
  EXPECT_TRUE(channel.attempts[1].possible_repeat);
}

TEST_F(GateTest, WhatAnotherOneSentIsNotSent) {
  const long long id = Add("firing");
  Add("resolved");
  gate.answers = {{.word = Word::kElsewhere, .detail = "by sidecar-0", .provider_id = "71"},
                  {.word = Word::kSend}};
  EXPECT_EQ(RunGated(), 2);
  EXPECT_EQ(outbox.StateOf(id), State::kDelivered);
  EXPECT_EQ(channel.sent, (std::vector<std::string>{"resolved"}));
  EXPECT_EQ(channel.attempts[0].reply_to, "71");
  EXPECT_TRUE(
      Exported("fraud_sidecar_notifications_total{channel=\"email\",outcome=\"elsewhere\"} 1"));
  EXPECT_TRUE(
      Exported("fraud_sidecar_notifications_total{channel=\"email\",outcome=\"delivered\"} 1"))
      << "the resolved alone";
  EXPECT_EQ(outbox.AttemptsOf(id).at(0).second, Outcome::kElsewhere);
}

TEST_F(GateTest, AWaitHoldsBackNoOtherAndBurnsNoTry) {
  const long long held = Add("held", "a");
  const long long other = Add("other", "b");
  gate.answers = {{.word = Word::kWait, .until_ms = kStart + 5000}, {.word = Word::kSend}};
  EXPECT_EQ(RunGated(), 2);
  EXPECT_EQ(outbox.StateOf(held), State::kPending);
  EXPECT_EQ(outbox.DueOf(held), kStart + 5000);
  EXPECT_TRUE(
      Exported("fraud_sidecar_notifications_total{channel=\"email\",outcome=\"waiting\"} 1"));
  EXPECT_FALSE(Exported("offline")) << "the network is well";
  EXPECT_EQ(outbox.StateOf(other), State::kDelivered);
  EXPECT_EQ(RunGated(), 0);
  clock.Advance(base::Millis(5000));
  EXPECT_EQ(RunGated(), 1);
  EXPECT_EQ(channel.attempts[1].number, 1);
}

TEST_F(GateTest, AHeldFiringIsNotOvertakenByItsResolved) {
  Add("firing");
  Add("resolved");
  gate.answers = {{.word = Word::kWait, .until_ms = kStart + 5000}, {.word = Word::kSend}};
  EXPECT_EQ(RunGated(), 1);
  clock.Advance(base::Millis(5000));
  RunGated();
  EXPECT_EQ(channel.sent, (std::vector<std::string>{"firing", "resolved"}));
}

TEST_F(GateTest, AWaitThatIsOverAlreadyIsNoSpin) {
  Add("held");
  gate.answers = {{.word = Word::kWait, .until_ms = 0}};
  EXPECT_EQ(RunGated(), 1);
  EXPECT_EQ(RunGated(), 0);
}

TEST_F(GateTest, AWaitEndsWithTheMessagesTime) {
  const long long id = Add("held");
  gate.answers = {{.word = Word::kWait, .until_ms = kStart + 1}};
  clock.Advance(policy.give_up + base::Millis(1));
  RunGated();
  EXPECT_EQ(outbox.StateOf(id), State::kDelivered);
}

class OfflineTest : public DispatcherTest {
 protected:
  void Unreached() { channel.answers = {{.outcome = Outcome::kTemporary, .unreached = true}}; }
  int RunHere() { return here.RunOnce({}); }

  bool route = false;
  Network network{{"email"}, [this] { return route; }, &metrics};
  Dispatcher here = Make({.network = &network});
};

TEST_F(OfflineTest, NoTryIsBurntAndNothingIsClaimedButAProbe) {
  const long long first = Add("hot", "a");
  Add("other", "b");
  Unreached();
  for (int probe = 0; probe < 20; ++probe) {
    EXPECT_EQ(RunHere(), 1) << "one row";
    EXPECT_EQ(RunHere(), 0) << "until the next probe";
    clock.Advance(Dispatcher::kProbeEvery);
  }
  EXPECT_EQ(outbox.StateOf(first), State::kPending);
  EXPECT_TRUE(outbox.AttemptsOf(first).empty());
  EXPECT_TRUE(Exported("fraud_sidecar_network_up 0"));
  EXPECT_EQ(metrics.Text().find("fraud_sidecar_channel_up{"), std::string::npos)
      << "nothing is known of the server";
  EXPECT_TRUE(
      Exported("fraud_sidecar_notifications_total{channel=\"email\",outcome=\"temporary\"} 0"));

  route = true;
  Answer(Outcome::kDelivered);
  EXPECT_EQ(RunHere(), 2) << "the wait has not grown";
  EXPECT_EQ(channel.attempts.back().number, 1);
  EXPECT_TRUE(Exported("fraud_sidecar_network_up 1"));
}

TEST_F(OfflineTest, ATryThatTheNetworkIsNotToBlameForCounts) {
  const long long id = Add("hot");
  route = true;
  Unreached();
  RunHere();
  EXPECT_EQ(outbox.StateOf(id), State::kRetrying);
  EXPECT_EQ(outbox.AttemptsOf(id).size(), 1U);
}

TEST_F(OfflineTest, TheMessagesTimeRunsOn) {
  const long long id = Add("hot");
  Unreached();
  clock.Advance(policy.give_up + base::Millis(1));
  RunHere();
  EXPECT_EQ(outbox.StateOf(id), State::kExpired);
  EXPECT_EQ(outbox.AttemptsOf(id).at(0).second, Outcome::kOffline);
}

TEST_F(OfflineTest, AReleaseThatTheStoreRefusedIsStoredLater) {
  const long long id = Add("hot");
  Unreached();
  outbox.settle_error = base::Error{base::ErrorCode::kBusy, "locked"};
  EXPECT_EQ(RunHere(), 1);
  EXPECT_EQ(outbox.StateOf(id), State::kSending);
  outbox.settle_error.reset();
  RunHere();
  EXPECT_EQ(outbox.StateOf(id), State::kPending);
}

TEST_F(DispatcherTest, ADeadWayIsToldToTheOtherChannelOnce) {
  Dispatcher telling = Make({.everybody = {{"email", "admin@example.org"}, {"telegram", "-100"}}});
  const long long id = Add("hot");
  outbox.Add({.key = "own",
              .channel = "telegram",
              .target = "-100",
              .thread = "episode",
              .created_at_ms = clock.Now()});
  channel.answers = {
      {.outcome = Outcome::kTemporary, .code = 535, .detail = "bad login", .dead = true}};
  for (int i = 0; i < 3; ++i) {
    telling.RunOnce({});
    clock.Advance(base::Millis(60'000));
  }
  EXPECT_EQ(outbox.StateOf(id), State::kRetrying) << "a person mends the login, and it still goes";
  EXPECT_TRUE(Exported("fraud_sidecar_dead_tries_total{channel=\"email\"} 3"));
  const auto notice = outbox.memory.Find(3);
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->message.channel, "telegram");
  EXPECT_NE(notice->message.text.find("535 bad login"), std::string::npos);
  EXPECT_FALSE(outbox.memory.Find(4)) << "told once";
}

}  // namespace
}  // namespace notifier
