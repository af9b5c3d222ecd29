#pragma once

#include <gtest/gtest.h>

#include "tests/notifier/outbox_contract_fixture.h"

// The second half of the contract of notifier::Outbox: rows that are not due yet, claims that are
// given back, notices. Run and described as in tests/notifier/outbox_contract.h; the Bench has also
//   std::vector<Message> Waiting(channel);  // pending, by id
namespace notifier {

template <typename Bench>
class OutboxWaitContract : public OutboxContract<Bench> {
 protected:
  void ReleaseOk(const Claimed& claimed, base::Millis wait) {
    const base::Status status =
        this->bench.outbox().Release(claimed, this->now + wait.count(), this->now);
    EXPECT_TRUE(status.ok()) << status.error().message;
  }
  // Settles as failed, and tells the mailbox of it.
  void FailAndTell(const Claimed& claimed, const std::string& reason = "") {
    Notice notice{.brief = {.key = "notice-" + claimed.message.key,
                            .channel = "email",
                            .target = "admin@example.org",
                            .thread = "notice-telegram-7",
                            .subject = "brief",
                            .text = reason,
                            .created_at_ms = this->now},
                  .reason = reason};
    notice.whole = {notice.brief};
    notice.whole[0].subject = "whole";
    notice.whole[0].thread = claimed.message.thread;
    const Settlement settlement{
        .state = State::kFailed, .result = {.outcome = Outcome::kPermanent}, .notices = {notice}};
    const base::Status status = this->bench.outbox().Settle(claimed, settlement, this->now);
    EXPECT_TRUE(status.ok()) << status.error().message;
  }
  // News for the chat, and for the mailbox when it has a row of its own; the chat's fails.
  void AddAndFail(const std::string& thread, bool own_row, const std::string& reason = "") {
    Message chat = this->Make(thread, "7", "telegram");
    Message mail = this->Make(thread);
    chat.created_at_ms = mail.created_at_ms = this->now;
    this->bench.Add(chat);
    if (own_row) {
      this->bench.Add(mail);
      this->SettleOk(*this->Claim(), State::kDelivered);
    }
    FailAndTell(*this->Claim("telegram"), reason);
  }
  std::vector<std::string> Told() {
    std::vector<std::string> subjects;
    for (const Message& message : this->bench.Waiting("email")) subjects.push_back(message.subject);
    return subjects;
  }
  using Subjects = std::vector<std::string>;
};

TYPED_TEST_SUITE_P(OutboxWaitContract);

TYPED_TEST_P(OutboxWaitContract, ANewRowIsNotDueBeforeItsTime) {
  this->not_before_ms = this->now + 500;
  const long long held = this->Add("a");
  EXPECT_FALSE(this->Claim());
  this->not_before_ms = 0;
  const long long other = this->Add("b");
  this->Add("a");
  EXPECT_EQ(this->ClaimId(), other) << "it holds back its own thread alone";
  EXPECT_FALSE(this->Claim());
  this->now += 500;
  EXPECT_EQ(this->ClaimId(), held);
}

TYPED_TEST_P(OutboxWaitContract, AClockThatWasSetBackEndsTheWaitOfANewRow) {
  this->not_before_ms = this->now + 500;
  const long long held = this->Add("a");
  this->now -= 3'600'000;  // before it was made
  EXPECT_EQ(this->ClaimId(), held);
}

TYPED_TEST_P(OutboxWaitContract, AReleasedClaimWasNoTry) {
  const long long id = this->Add("a");
  const auto claimed = this->Claim();
  ASSERT_TRUE(claimed);
  this->ReleaseOk(*claimed, base::Millis(2000));
  EXPECT_EQ(this->bench.StateOf(id), State::kPending);
  EXPECT_TRUE(this->bench.AttemptsOf(id).empty());
  this->now += 1999;
  EXPECT_FALSE(this->Claim()) << "not due yet";
  this->now += 1;
  const auto again = this->Claim();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, id);
  EXPECT_EQ(again->attempt.number, 1);
  EXPECT_FALSE(again->attempt.possible_repeat);
}

TYPED_TEST_P(OutboxWaitContract, AReleasedRowStaysMarkedAndCountsItsOwnTries) {
  this->Add("a");
  this->SettleOk(*this->Claim(), State::kAmbiguous);
  this->ReleaseOk(*this->Claim(), {});
  const auto again = this->Claim();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->attempt.number, 2);
  EXPECT_TRUE(again->attempt.possible_repeat);
}

TYPED_TEST_P(OutboxWaitContract, AReleasedRowHoldsBackItsThreadAlone) {
  const long long firing = this->Add("a");
  const auto claimed = this->Claim();
  this->ReleaseOk(*claimed, base::Millis(2000));
  this->Add("a");
  const long long other = this->Add("b");
  EXPECT_EQ(this->ClaimId(), other);
  EXPECT_FALSE(this->Claim()) << "a resolved never overtakes its firing";
  this->now += 2000;
  EXPECT_EQ(this->ClaimId(), firing);
}

TYPED_TEST_P(OutboxWaitContract, AClockThatWasSetBackEndsTheWaitOfAReleasedRow) {
  const long long id = this->Add("a");
  this->ReleaseOk(*this->Claim(), base::Millis(2000));
  this->now -= 500;
  EXPECT_EQ(this->ClaimId(), id);
}

TYPED_TEST_P(OutboxWaitContract, WhatIsNoLongerThisClaimsIsNotReleased) {
  const long long id = this->Add("a");
  const auto late = this->Claim();
  this->now += TestFixture::kLease.count() + 1;
  const auto newer = this->Claim();
  ASSERT_TRUE(newer);
  const auto status = this->bench.outbox().Release(*late, this->now, this->now);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, base::ErrorCode::kNotFound);
  EXPECT_EQ(this->bench.StateOf(id), State::kSending);
}

TYPED_TEST_P(OutboxWaitContract, AnotherOnesAcceptanceIsAnsweredTo) {
  this->Add("a");
  this->Add("a");
  const Settlement elsewhere{.state = State::kDelivered,
                             .result = {.outcome = Outcome::kElsewhere, .provider_id = "71"}};
  ASSERT_TRUE(this->bench.outbox().Settle(*this->Claim(), elsewhere, this->now).ok());
  EXPECT_EQ(this->Claim()->attempt.reply_to, "71");
}

TYPED_TEST_P(OutboxWaitContract, WhoHasTheNewsIsToldInBriefOnceADay) {
  this->AddAndFail("a", true);
  EXPECT_EQ(this->Told(), (typename TestFixture::Subjects{"brief"}));
  this->SettleOk(*this->Claim(), State::kDelivered);
  this->now += 1000;
  this->AddAndFail("b", true);
  EXPECT_TRUE(this->Told().empty()) << "it knows already";
  this->now += kNoticeEvery.count();
  this->AddAndFail("c", true);
  EXPECT_EQ(this->Told(), (typename TestFixture::Subjects{"brief"}));
}

TYPED_TEST_P(OutboxWaitContract, WhoHasTheNewsIsToldAgainAfterTheWayWasOpen) {
  this->AddAndFail("a", true);
  this->SettleOk(*this->Claim(), State::kDelivered);
  this->now += 1000;
  this->Add("b", "7", "telegram");
  this->SettleOk(*this->Claim("telegram"), State::kDelivered);
  this->now += 1000;
  this->AddAndFail("c", true);
  EXPECT_EQ(this->Told(), (typename TestFixture::Subjects{"brief"}));
}

TYPED_TEST_P(OutboxWaitContract, WhoHasTheNewsIsToldAgainWhateverTheClockSays) {
  const auto accept = [&] {
    this->Add("b", "7", "telegram");
    this->SettleOk(*this->Claim("telegram"), State::kDelivered);
  };
  this->now += 500'000;
  accept();
  this->now -= 500'000;
  this->AddAndFail("a", true);
  EXPECT_EQ(this->Told().size(), 1U);
  this->SettleOk(*this->Claim(), State::kDelivered);
  this->now += 1000;
  this->AddAndFail("c", true);
  EXPECT_TRUE(this->Told().empty()) << "what was accepted later was accepted before";
  this->now -= 500'000;
  accept();
  this->now += 1000;
  this->AddAndFail("d", true);
  EXPECT_EQ(this->Told().size(), 1U) << "and the other way round";
}

TYPED_TEST_P(OutboxWaitContract, WhoHasTheNewsIsToldAgainForAnotherReason) {
  const auto told_of = [&](const char* thread, const char* reason) {
    this->now += 1000;
    this->AddAndFail(thread, true, reason);
    const std::size_t told = this->Told().size();
    if (told > 0) this->SettleOk(*this->Claim(), State::kDelivered);
    return told;
  };
  EXPECT_EQ(told_of("a", "refuses: 401 "), 1U);
  EXPECT_EQ(told_of("b", "refuses: 403 "), 1U);
  EXPECT_EQ(told_of("c", "refuses: 401 "), 0U) << "once a day each";
  EXPECT_EQ(told_of("d", "refuses: "), 0U) << "any will do";
}

TYPED_TEST_P(OutboxWaitContract, WhoHasNotTheNewsGetsAllOfItEachTime) {
  this->AddAndFail("a", false);
  this->now += 1;
  this->AddAndFail("b", false);
  EXPECT_EQ(this->Told(), (typename TestFixture::Subjects{"whole", "whole"}));
}

TYPED_TEST_P(OutboxWaitContract, ALateAnswerTellsNobody) {
  this->Add("a", "7", "telegram");
  const auto late = this->Claim("telegram");
  this->now += TestFixture::kLease.count() + 1;
  ASSERT_TRUE(this->Claim("telegram"));
  const Settlement settlement{
      .state = State::kFailed,
      .result = {.outcome = Outcome::kPermanent},
      .notices = {{.whole = {{.key = "notice-1", .channel = "email", .target = "a"}}}}};
  EXPECT_FALSE(this->bench.outbox().Settle(*late, settlement, this->now).ok());
  EXPECT_TRUE(this->Told().empty());
}

REGISTER_TYPED_TEST_SUITE_P(
    OutboxWaitContract, ANewRowIsNotDueBeforeItsTime, AClockThatWasSetBackEndsTheWaitOfANewRow,
    AReleasedClaimWasNoTry, AReleasedRowStaysMarkedAndCountsItsOwnTries,
    AReleasedRowHoldsBackItsThreadAlone, AClockThatWasSetBackEndsTheWaitOfAReleasedRow,
    WhatIsNoLongerThisClaimsIsNotReleased, AnotherOnesAcceptanceIsAnsweredTo,
    WhoHasTheNewsIsToldInBriefOnceADay, WhoHasTheNewsIsToldAgainAfterTheWayWasOpen,
    WhoHasTheNewsIsToldAgainWhateverTheClockSays, WhoHasTheNewsIsToldAgainForAnotherReason,
    WhoHasNotTheNewsGetsAllOfItEachTime, ALateAnswerTellsNobody);

}  // namespace notifier
