#include "sidecar/store/deliveries.h"
#include "tests/sidecar/peer_fixture.h"

// Which messages of two sidecars are the same.
namespace sidecar::peers {
namespace {

using notifier::Outcome;
using notifier::State;
using Word = notifier::Passage::Word;

constexpr char kFirstEnd[] = "2026-11-22T10:00:40Z";
constexpr char kSecondStart[] = "2026-11-22T10:02:00Z";
constexpr char kSecondEnd[] = "2026-11-22T10:03:00Z";

class SameTest : public PeerTest {
 protected:
  // Both hear of one alert: it fires, ends and fires again. To the first its end was one of several
  // and is held, so it fires again silently; the second tells of both.
  void FireEndAndFireAgain() {
    for (const int each : {0, 1}) Post(each);
    Deliver(0);
    clock_.Advance(base::Millis(15'000));  // 10:00:45
    Post(0, "resolved", kStart, kFirstEnd);
    Execute(0, "UPDATE transitions SET tell = 'held', tell_at_ms = 9e15 WHERE kind = 'resolved'");
    Execute(0, "DELETE FROM outbox WHERE transition_id = 2");
    Post(1, "resolved", kStart, kFirstEnd);
    clock_.Advance(base::Millis(105'000));  // 10:02:30
    SettleElsewhere(1);
    Deliver(1);
    for (const int each : {0, 1}) Post(each, "firing", kSecondStart);
    clock_.Advance(kHold);
  }
  // The second's next message is what the first delivered.
  void SettleElsewhere(int position) {
    const auto claimed = Claim(position);
    ASSERT_TRUE(claimed.has_value());
    EXPECT_EQ(Ask(position, *claimed).word, Word::kElsewhere);
    Settle(position, *claimed, State::kDelivered, Outcome::kElsewhere);
  }
  void Execute(int position, const std::string& sql) {
    EXPECT_TRUE(side(position)
                    .store->Write([&](const store::Database& db) { return db.Execute(sql); })
                    .ok());
  }
  std::optional<State> Find(int position, const store::Subject& subject) {
    const auto found = store::FindDelivery(*side(position).store, subject, clock_.Now());
    EXPECT_TRUE(found.ok());
    return *found ? std::optional((*found)->state) : std::nullopt;
  }
};

TEST_F(SameTest, AFiringThatAnotherFoldedSilentlyIsNotItsOlderFiring) {
  FireEndAndFireAgain();
  EXPECT_EQ(Ask(1, *Claim(1)).word, Word::kSend);
}

TEST_F(SameTest, AnEndAfterASilentRefireIsNotTheEndBefore) {
  FireEndAndFireAgain();
  clock_.Advance(base::Millis(60'000));
  Post(0, "resolved", kStart, kSecondEnd);
  AddRow(0, "0123-4-0", 4);
  EXPECT_EQ(Ask(0, *Claim(0)).word, Word::kSend);
}

TEST_F(SameTest, TheEndBeforeIsNotTheOneAfterASilentRefire) {
  FireEndAndFireAgain();
  clock_.Advance(base::Millis(60'000));
  Post(0, "resolved", kStart, kSecondEnd);
  AddRow(0, "0123-4-0", 4);
  Deliver(0);
  const auto first_end = store::SubjectOf(*side(1).store, 2);
  ASSERT_TRUE(first_end.ok() && first_end->has_value());
  EXPECT_EQ((*first_end)->kind, "resolved");
  EXPECT_EQ(Find(0, **first_end), std::nullopt);
}

TEST_F(SameTest, SummariesAreTheSameWithinSecondsAndWithEqualCounts) {
  Post(0);
  Execute(0, "UPDATE transitions SET kind = 'summary'");
  Execute(0, "UPDATE outbox SET subject = '[STORM] 40 firing'");
  auto summary = **store::SubjectOf(*side(0).store, 1);
  EXPECT_EQ(summary.title, "[STORM] 40 firing");
  EXPECT_EQ(Find(0, summary), State::kPending);
  summary.at_ms += store::kSameSummary.count();
  EXPECT_EQ(Find(0, summary), State::kPending);
  summary.at_ms += 1;
  EXPECT_EQ(Find(0, summary), std::nullopt);
  summary.at_ms -= 1;
  summary.title = "[STORM] 41 firing";
  EXPECT_EQ(Find(0, summary), std::nullopt);
}

TEST_F(SameTest, RemindersAreTheSameWithinAMinuteAndAHalf) {
  Post(0);
  Execute(0, "UPDATE transitions SET kind = 'reminder'");
  auto reminder = **store::SubjectOf(*side(0).store, 1);
  EXPECT_EQ(reminder.title, "");
  reminder.at_ms += store::kSameReminder.count();
  EXPECT_EQ(Find(0, reminder), State::kPending);
  reminder.at_ms += 1;
  EXPECT_EQ(Find(0, reminder), std::nullopt);
}

TEST_F(SameTest, ALaterPartFollowsTheFirstThoughTheOtherCutItElsewhere) {
  Post(0);
  Post(1);
  AddRow(1, "0123-1-0-p2", 1, 2);  // only the second's is too long
  Deliver(0);
  clock_.Advance(kHold);
  SettleElsewhere(1);
  SettleElsewhere(1);  // part 2
}

TEST_F(SameTest, TheRestOfWhatWeBeganIsOursToSend) {
  for (const int each : {0, 1}) {
    Post(each);
    AddRow(each, "0123-1-0-p2", 1, 2);
  }
  Deliver(0);
  clock_.Advance(kHold);
  SettleElsewhere(1);
  calls_.clear();
  const auto rest = Claim(0);
  EXPECT_EQ(Ask(0, *rest).word, Word::kSend);
  EXPECT_TRUE(calls_.empty());
  // What was settled elsewhere says nothing of the rest, or all would wait for one that died.
  auto subject = **store::SubjectOf(*side(0).store, rest->id);
  EXPECT_EQ(Find(1, subject), std::nullopt);
  subject.part = 1;
  EXPECT_EQ(Find(1, subject), State::kDelivered);
}

}  // namespace
}  // namespace sidecar::peers
