#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "tests/notifier/outbox_contract_fixture.h"

// The contract of notifier::Outbox, for every implementation. A program runs it on its own by
//
//   INSTANTIATE_TYPED_TEST_SUITE_P(Name, OutboxContract, Bench);
//
// where Bench is default-constructible and has
//   notifier::Outbox& outbox();
//   long long Add(const notifier::Message& message);   // as pending
//   notifier::State StateOf(long long id);
//   std::vector<std::pair<int, notifier::Outcome>> AttemptsOf(long long id);  // in order
//   void Restart();  // as after a crash: the rows on disk stay, the owner of claims is a new one
namespace notifier {

TYPED_TEST_SUITE_P(OutboxContract);

TYPED_TEST_P(OutboxContract, AnEmptyOutboxGivesNothing) { EXPECT_FALSE(this->Claim()); }

TYPED_TEST_P(OutboxContract, AClaimIsTheWholeMessageAndSending) {
  const long long id = this->Add("episode");
  const auto claimed = this->Claim();
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->id, id);
  EXPECT_EQ(claimed->attempt.number, 1);
  EXPECT_FALSE(claimed->attempt.possible_repeat);
  EXPECT_EQ(claimed->message.key, "key-1");
  EXPECT_EQ(claimed->message.channel, "email");
  EXPECT_EQ(claimed->message.target, "admin@example.org");
  EXPECT_EQ(claimed->message.thread, "episode");
  EXPECT_EQ(claimed->message.subject, "subject");
  EXPECT_EQ(claimed->message.text, "text");
  ASSERT_EQ(claimed->message.bold.size(), 2u);
  EXPECT_EQ(claimed->message.bold[1].begin, 3u);
  EXPECT_EQ(claimed->message.bold[1].end, 4u);
  EXPECT_EQ(claimed->message.html, "<p>text</p>");
  EXPECT_EQ(claimed->message.severity, "critical");
  EXPECT_TRUE(claimed->message.urgent);
  EXPECT_EQ(claimed->message.created_at_ms, TestFixture::kStart + 1);
  EXPECT_EQ(this->bench.StateOf(id), State::kSending);
  EXPECT_FALSE(this->Claim()) << "claimed twice";
}

TYPED_TEST_P(OutboxContract, OldestFirst) {
  const long long first = this->Add("a");
  const long long second = this->Add("b");
  EXPECT_EQ(this->ClaimId(), first);
  EXPECT_EQ(this->ClaimId(), second);
}

TYPED_TEST_P(OutboxContract, UrgentRowsGoBeforeOlderOnesButNotWithinTheirThread) {
  this->urgent = false;
  const long long resolved = this->Add("a");
  this->urgent = true;
  const long long behind = this->Add("a");
  const long long page = this->Add("b");
  EXPECT_EQ(this->ClaimId(), page);
  EXPECT_EQ(this->ClaimId(), resolved) << "the urgent one of its thread waits for it";
  EXPECT_EQ(this->bench.StateOf(behind), State::kPending);
}

TYPED_TEST_P(OutboxContract, ALaterMessageKnowsTheFirstAcceptedOneOfItsThread) {
  for (const char* thread : {"a", "a", "a", "b"}) this->Add(thread);
  auto claimed = this->Claim();
  EXPECT_EQ(claimed->attempt.reply_to, "");
  ASSERT_TRUE(this->Settle(*claimed, State::kFailed, {}, "refused").ok());
  for (const char* id : {"71", "72"}) {
    claimed = this->Claim();
    ASSERT_TRUE(claimed);
    EXPECT_EQ(claimed->message.thread, "a");
    EXPECT_EQ(claimed->attempt.reply_to, id == std::string("71") ? "" : "71");
    ASSERT_TRUE(this->Settle(*claimed, State::kDelivered, {}, id).ok());
  }
  EXPECT_EQ(this->Claim()->attempt.reply_to, "") << "of another thread";
}

TYPED_TEST_P(OutboxContract, AClockThatWasSetBackHoldsNothingBack) {
  const long long fresh = this->Add("a");
  this->now -= 3'600'000;  // before it was made
  const auto claimed = this->Claim();
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->id, fresh);
  this->SettleOk(*claimed, State::kRetrying, base::Millis(2000));
  EXPECT_FALSE(this->Claim()) << "the wait counts from the clock as it is";
  this->now -= 3'600'000;
  EXPECT_EQ(this->ClaimId(), fresh);
}

TYPED_TEST_P(OutboxContract, ChannelsAreApart) {
  const long long chat = this->Add("a", "chat", "telegram");
  EXPECT_FALSE(this->Claim("email"));
  const auto claimed = this->Claim("telegram");
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->id, chat);
}

TYPED_TEST_P(OutboxContract, ANewerRowOfAThreadWaitsForTheOlder) {
  const long long firing = this->Add("episode");
  const long long resolved = this->Add("episode");
  auto claimed = this->Claim();
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->id, firing);
  EXPECT_FALSE(this->Claim()) << "while the older is sending";

  this->SettleOk(*claimed, State::kRetrying, base::Millis(5000));
  EXPECT_FALSE(this->Claim()) << "while the older waits for its retry";
  this->now += 5000;
  claimed = this->Claim();
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->id, firing);
  this->SettleOk(*claimed, State::kAmbiguous, base::Millis(5000));
  EXPECT_FALSE(this->Claim()) << "while the older is ambiguous";

  this->now += 5000;
  claimed = this->Claim();
  ASSERT_TRUE(claimed);
  this->SettleOk(*claimed, State::kDelivered);
  EXPECT_EQ(this->ClaimId(), resolved);
}

TYPED_TEST_P(OutboxContract, AFailedOlderRowFreesItsThread) {
  for (const State end : {State::kFailed, State::kExpired}) {
    const std::string thread(StateName(end));
    this->Add(thread);
    const long long newer = this->Add(thread);
    const auto claimed = this->Claim();
    ASSERT_TRUE(claimed);
    this->SettleOk(*claimed, end);
    EXPECT_EQ(this->ClaimId(), newer) << thread;
  }
}

TYPED_TEST_P(OutboxContract, NoOtherThreadIsHeldBack) {
  this->Add("episode");
  const auto waiting = this->Claim();
  ASSERT_TRUE(waiting);
  this->SettleOk(*waiting, State::kRetrying, base::Millis(60'000));
  const long long other_thread = this->Add("other episode");
  const long long other_target = this->Add("episode", "second@example.org");
  EXPECT_EQ(this->ClaimId(), other_thread);
  EXPECT_EQ(this->ClaimId(), other_target);
}

TYPED_TEST_P(OutboxContract, ARetryComesWhenItIsDue) {
  const long long id = this->Add("a");
  const auto first = this->Claim();
  ASSERT_TRUE(first);
  this->SettleOk(*first, State::kRetrying, base::Millis(2000));
  EXPECT_EQ(this->bench.StateOf(id), State::kRetrying);
  this->now += 1999;
  EXPECT_FALSE(this->Claim());
  this->now += 1;
  const auto second = this->Claim();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->id, id);
  EXPECT_EQ(second->attempt.number, 2);
  EXPECT_FALSE(second->attempt.possible_repeat) << "a clean refusal is no possible repeat";
}

TYPED_TEST_P(OutboxContract, EveryTryIsRecorded) {
  const long long id = this->Add("a");
  for (const State state : {State::kRetrying, State::kAmbiguous, State::kDelivered}) {
    const auto claimed = this->Claim();
    ASSERT_TRUE(claimed);
    this->SettleOk(*claimed, state);
  }
  EXPECT_EQ(this->bench.AttemptsOf(id),
            (typename TestFixture::Attempts{
                {1, Outcome::kTemporary}, {2, Outcome::kAmbiguous}, {3, Outcome::kDelivered}}));
}

TYPED_TEST_P(OutboxContract, TerminalRowsStayWhatTheyAre) {
  for (const State end : {State::kDelivered, State::kFailed, State::kExpired}) {
    const long long id = this->Add("a");
    const auto claimed = this->Claim();
    ASSERT_TRUE(claimed);
    this->SettleOk(*claimed, end);
    this->now += 10 * TestFixture::kLease.count();
    EXPECT_FALSE(this->Claim()) << StateName(end);
    EXPECT_EQ(this->bench.StateOf(id), end);
  }
}

TYPED_TEST_P(OutboxContract, AnAmbiguousTryMarksAllLaterOnes) {
  this->Add("a");
  auto claimed = this->Claim();
  ASSERT_TRUE(claimed);
  this->SettleOk(*claimed, State::kAmbiguous);
  for (int attempt = 2; attempt < 5; ++attempt) {
    claimed = this->Claim();
    ASSERT_TRUE(claimed);
    EXPECT_EQ(claimed->attempt.number, attempt);
    EXPECT_TRUE(claimed->attempt.possible_repeat) << attempt;
    this->SettleOk(*claimed, State::kRetrying);
  }
}

TYPED_TEST_P(OutboxContract, AnExpiredLeaseIsAmbiguousAndDue) {
  const long long id = this->Add("a");
  ASSERT_TRUE(this->Claim());
  this->now += TestFixture::kLease.count() - 1;
  EXPECT_FALSE(this->Claim()) << "the lease still runs";
  this->now += 2;
  EXPECT_FALSE(this->Claim("telegram"));
  const auto again = this->Claim();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, id);
  EXPECT_EQ(again->attempt.number, 2);
  EXPECT_TRUE(again->attempt.possible_repeat);
  EXPECT_EQ(this->bench.StateOf(id), State::kSending);
}

TYPED_TEST_P(OutboxContract, AClaimOfADeadProcessIsAmbiguousAtOnce) {
  const long long id = this->Add("a");
  ASSERT_TRUE(this->Claim());
  this->bench.Restart();
  const auto again = this->Claim();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, id);
  EXPECT_TRUE(again->attempt.possible_repeat);
  this->SettleOk(*again, State::kDelivered);
  EXPECT_EQ(this->bench.StateOf(id), State::kDelivered);
}

TYPED_TEST_P(OutboxContract, ALateAnswerChangesNoStateButIsRecorded) {
  const long long id = this->Add("a");
  const auto late = this->Claim();
  ASSERT_TRUE(late);
  this->now += TestFixture::kLease.count() + 1;
  const auto newer = this->Claim();
  ASSERT_TRUE(newer);

  const base::Status status = this->Settle(*late, State::kFailed);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, base::ErrorCode::kNotFound);
  EXPECT_EQ(this->bench.StateOf(id), State::kSending) << "the newer claim is untouched";

  this->SettleOk(*newer, State::kDelivered);
  EXPECT_FALSE(this->Settle(*newer, State::kRetrying).ok()) << "settled twice";
  EXPECT_EQ(this->bench.StateOf(id), State::kDelivered);
  const auto attempts = this->bench.AttemptsOf(id);
  const auto recorded = [&](int number, Outcome outcome) {
    return std::count(attempts.begin(), attempts.end(), std::make_pair(number, outcome));
  };
  EXPECT_EQ(recorded(1, Outcome::kPermanent), 1);
  EXPECT_EQ(recorded(2, Outcome::kDelivered), 1);
}

TYPED_TEST_P(OutboxContract, AClaimThatWasMarkedStaysMarked) {
  this->Add("a");
  auto claimed = this->Claim();
  ASSERT_TRUE(claimed);
  claimed->attempt.possible_repeat = true;  // who asked elsewhere did it
  this->SettleOk(*claimed, State::kRetrying);
  EXPECT_TRUE(this->Claim()->attempt.possible_repeat);
}

REGISTER_TYPED_TEST_SUITE_P(OutboxContract, AClaimThatWasMarkedStaysMarked,
                            AnEmptyOutboxGivesNothing, AClaimIsTheWholeMessageAndSending,
                            OldestFirst, UrgentRowsGoBeforeOlderOnesButNotWithinTheirThread,
                            ALaterMessageKnowsTheFirstAcceptedOneOfItsThread,
                            AClockThatWasSetBackHoldsNothingBack, ChannelsAreApart,
                            ANewerRowOfAThreadWaitsForTheOlder, AFailedOlderRowFreesItsThread,
                            NoOtherThreadIsHeldBack, ARetryComesWhenItIsDue, EveryTryIsRecorded,
                            TerminalRowsStayWhatTheyAre, AnAmbiguousTryMarksAllLaterOnes,
                            AnExpiredLeaseIsAmbiguousAndDue, AClaimOfADeadProcessIsAmbiguousAtOnce,
                            ALateAnswerChangesNoStateButIsRecorded);

}  // namespace notifier
