#include "tests/notifier/dispatcher_fixture.h"
#include "tests/support/log_pipe.h"

namespace notifier {
namespace {

TEST_F(DispatcherTest, NothingToDo) {
  EXPECT_EQ(Run(), 0);
  EXPECT_TRUE(channel.sent.empty());
}

TEST_F(DispatcherTest, DeliversAndCounts) {
  const long long id = Add("hot");
  channel.during = [&] { clock.Advance(base::Millis(700)); };
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(outbox.StateOf(id), State::kDelivered);
  EXPECT_EQ(channel.attempts[0].number, 1);
  EXPECT_TRUE(
      Exported("fraud_sidecar_notifications_total{channel=\"email\",outcome=\"delivered\"} 1"));
  EXPECT_TRUE(Exported("fraud_sidecar_notification_delay_seconds_sum{channel=\"email\"} 0.7"));
  EXPECT_TRUE(Exported("fraud_sidecar_channel_up{channel=\"email\"} 1"));
  EXPECT_EQ(Run(), 0) << "sent twice";
}

TEST_F(DispatcherTest, ATemporaryFaultIsTriedAgainWhenDue) {
  const long long id = Add("hot");
  Answer(Outcome::kTemporary);
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(outbox.StateOf(id), State::kRetrying);
  EXPECT_EQ(outbox.DueOf(id), kStart + 2000);
  EXPECT_TRUE(Exported("fraud_sidecar_channel_up{channel=\"email\"} 0"));
  EXPECT_EQ(Run(), 0) << "before it is due";

  clock.Advance(base::Millis(2000));
  Answer(Outcome::kDelivered);
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(outbox.StateOf(id), State::kDelivered);
  EXPECT_EQ(channel.attempts[1].number, 2);
  EXPECT_FALSE(channel.attempts[1].possible_repeat);
}

TEST_F(DispatcherTest, AServersWaitIsKept) {
  const long long id = Add("hot");
  channel.answers = {{.outcome = Outcome::kTemporary, .retry_after = base::Millis(77'000)}};
  Run();
  EXPECT_EQ(outbox.DueOf(id), kStart + 77'000);
}

TEST_F(DispatcherTest, ARefusalIsFinal) {
  const long long id = Add("hot");
  Answer(Outcome::kPermanent);
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(outbox.StateOf(id), State::kFailed);
  EXPECT_EQ(metrics.Text().find("fraud_sidecar_channel_up{"), std::string::npos)
      << "one bad mailbox says nothing of the channel";
}

TEST_F(DispatcherTest, AnUnknownOutcomeIsRepeatedAndMarked) {
  const long long id = Add("hot");
  Answer(Outcome::kAmbiguous);
  Run();
  EXPECT_EQ(outbox.StateOf(id), State::kAmbiguous);
  clock.Advance(base::Millis(2000));
  Answer(Outcome::kDelivered);
  Run();
  EXPECT_EQ(outbox.StateOf(id), State::kDelivered);
  EXPECT_TRUE(channel.attempts[1].possible_repeat);
}

TEST_F(DispatcherTest, GivesUpAtTheEndOfTheMessagesTime) {
  for (const Outcome outcome : {Outcome::kTemporary, Outcome::kAmbiguous}) {
    const long long id = Add("hot");
    Answer(outcome);
    clock.Advance(policy.give_up);
    EXPECT_EQ(Run(), 1);
    EXPECT_EQ(outbox.StateOf(id), State::kExpired) << OutcomeName(outcome);
  }
}

TEST_F(DispatcherTest, KeepsTheOrderOfAnEpisodeAndHoldsBackNoOther) {
  Add("firing");
  Add("resolved");
  Add("other", "other episode");
  channel.answers = {{.outcome = Outcome::kTemporary}, {.outcome = Outcome::kDelivered}};
  EXPECT_EQ(Run(), 2);
  clock.Advance(base::Millis(2000));
  EXPECT_EQ(Run(), 2);
  const std::vector<std::string> expected = {"firing", "other", "firing", "resolved"};
  EXPECT_EQ(channel.sent, expected);
}

TEST_F(DispatcherTest, TheLeaseOutlastsTheLongestTry) {
  Add("hot");
  Run();
  EXPECT_GE(outbox.last_lease, channel.LongestSend() + base::Millis(30'000));
}

TEST_F(DispatcherTest, ACrashWhileSendingMakesAMarkedRepeat) {
  const long long id = Add("hot");
  ASSERT_TRUE(outbox.ClaimNext("email", clock.Now(), base::Millis(60'000)).ok());
  EXPECT_EQ(Run(), 0) << "the claim still stands";
  outbox.Restart();
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(outbox.StateOf(id), State::kDelivered);
  EXPECT_EQ(channel.attempts[0].number, 2);
  EXPECT_TRUE(channel.attempts[0].possible_repeat);
}

TEST_F(DispatcherTest, ARunIsBounded) {
  for (int i = 0; i < Dispatcher::kMaxPerRun + 1; ++i) Add("hot", std::to_string(i));
  EXPECT_EQ(Run(), Dispatcher::kMaxPerRun);
  EXPECT_EQ(Run(), 1);
}

TEST_F(DispatcherTest, StopEndsTheRunBetweenMessages) {
  std::stop_source source;
  Add("one", "a");
  const long long left = Add("two", "b");
  channel.during = [&] { source.request_stop(); };
  EXPECT_EQ(dispatcher.RunOnce(source.get_token()), 1);
  EXPECT_EQ(outbox.StateOf(left), State::kPending);
}

TEST_F(DispatcherTest, AnErrorOfTheStoreEndsTheRun) {
  Add("hot");
  outbox.claim_error = base::Error{base::ErrorCode::kFull, "disk full"};
  EXPECT_EQ(Run(), 0);
  outbox.claim_error.reset();
  EXPECT_EQ(Run(), 1);
}

TEST_F(DispatcherTest, AnOutcomeTheStoreRefusedIsStoredLaterAndNotSentAgain) {
  const long long id = Add("hot", "a");
  const long long next = Add("next", "b");
  outbox.settle_error = base::Error{base::ErrorCode::kBusy, "locked"};
  EXPECT_EQ(Run(), 1) << "the run ends";
  EXPECT_EQ(outbox.StateOf(id), State::kSending);
  EXPECT_EQ(Run(), 0) << "nothing is sent whose outcome could not be kept";

  outbox.settle_error.reset();
  clock.Advance(base::Millis(24 * 3'600'000));  // far behind the lease
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(outbox.StateOf(id), State::kDelivered);
  EXPECT_EQ(outbox.StateOf(next), State::kDelivered);
  EXPECT_EQ(channel.sent, (std::vector<std::string>{"hot", "next"}));
}

TEST_F(DispatcherTest, ALateAnswerIsDropped) {
  const long long id = Add("hot");
  channel.during = [&] {  // someone else takes over meanwhile
    channel.during = nullptr;
    outbox.Restart();
    ASSERT_TRUE(outbox.ClaimNext("email", clock.Now(), base::Millis(60'000)).ok());
  };
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(outbox.StateOf(id), State::kSending);
  EXPECT_EQ(Run(), 0) << "not settled again and again";
}

TEST_F(DispatcherTest, CountersAreThereBeforeTheFirstTry) {
  for (const char* outcome :
       {"delivered", "temporary", "permanent", "ambiguous", "elsewhere", "waiting"}) {
    EXPECT_TRUE(
        Exported(std::string("fraud_sidecar_notifications_total{channel=\"email\",outcome=\"") +
                 outcome + "\"} 0"));
  }
  EXPECT_EQ(metrics.Text().find("fraud_sidecar_channel_up{"), std::string::npos)
      << "unknown is never zero";
}

TEST_F(DispatcherTest, ATryIsLoggedWithItsAlertAndEpisode) {
  support::LogPipe pipe;
  base::log::Start(base::log::Level::kInfo, base::log::Format::kLogfmt);
  outbox.Add({.key = "k1", .channel = "email", .target = "a", .alert = "Hot", .episode = 7});
  outbox.Add({.key = "k2", .channel = "email", .target = "b"});
  channel.answers = {{.outcome = Outcome::kTemporary}, {.outcome = Outcome::kDelivered}};
  EXPECT_EQ(Run(), 2);
  const std::string log = pipe.StopAndRead();
  EXPECT_NE(log.find(" notification_failed alert=Hot episode=7 channel=email "), std::string::npos)
      << log;
  EXPECT_NE(log.find(" notification_delivered alert=\"\" episode=\"\" channel=email "),
            std::string::npos)
      << "a test message is about none: " << log;
}

}  // namespace
}  // namespace notifier
