#include <gtest/gtest.h>

#include "sidecar/peers/decide.h"

namespace sidecar::peers {
namespace {

using notifier::Passage;
using notifier::State;
using Word = Passage::Word;

constexpr base::Millis kHold{20'000};
constexpr base::WallMs kOurs = 1'020'000;  // our turn

Heard Said(std::optional<State> state, base::Millis lease = base::Millis(0),
           bool before_us = true) {
  return {.name = "fraud-0",
          .before_us = before_us,
          .answer = Answer{.name = "fraud-0", .state = state, .lease_ends_in = lease}};
}
Heard Silence(bool before_us = true) { return {.name = "fraud-0", .before_us = before_us}; }

Passage At(base::WallMs now, const std::vector<Heard>& heard, bool fresh = false) {
  return Decide(heard, {.now = now, .ours_ms = kOurs, .hold = kHold, .fresh = fresh});
}

TEST(Decide, OneBeforeUs) {
  struct Case {
    const char* what;
    Heard heard;
    Word word;
  };
  const base::Millis long_lease(700'000);
  const std::vector<Case> cases = {
      {"delivered", Said(State::kDelivered), Word::kElsewhere},
      {"sending, lease within one hold", Said(State::kSending, kHold), Word::kWait},
      {"sending, lease longer", Said(State::kSending, long_lease), Word::kSendMarked},
      {"ambiguous", Said(State::kAmbiguous), Word::kSendMarked},
      {"no answer", Silence(), Word::kSendMarked},
      {"pending", Said(State::kPending), Word::kSend},
      {"retrying", Said(State::kRetrying), Word::kSend},
      {"failed", Said(State::kFailed), Word::kSend},
      {"expired", Said(State::kExpired), Word::kSend},
      {"unknown", Said(std::nullopt), Word::kSend},
  };
  for (const Case& each : cases) EXPECT_EQ(At(kOurs, {each.heard}).word, each.word) << each.what;
}

TEST(Decide, OneBehindUs) {
  struct Case {
    const char* what;
    Heard heard;
    Word in_time, late;
  };
  const base::Millis lease(100);
  const std::vector<Case> cases = {
      {"delivered", Said(State::kDelivered, lease, false), Word::kElsewhere, Word::kElsewhere},
      {"sending: not waited for, it waits for us", Said(State::kSending, lease, false),
       Word::kSendMarked, Word::kSendMarked},
      {"ambiguous", Said(State::kAmbiguous, lease, false), Word::kSendMarked, Word::kSendMarked},
      {"no answer", Silence(false), Word::kSend, Word::kSendMarked},
      {"pending", Said(State::kPending, lease, false), Word::kSend, Word::kSend},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(At(kOurs, {each.heard}).word, each.in_time) << each.what;
    EXPECT_EQ(At(kOurs + kHold.count(), {each.heard}).word, each.late) << each.what;
    EXPECT_EQ(At(kOurs, {each.heard}, true).word, each.late) << each.what << ", just started";
  }
}

TEST(Decide, WaitsForTheLastLeaseAndForOneHoldInAll) {
  const auto wait = At(kOurs, {Said(State::kSending, base::Millis(3'000)),
                               Said(State::kSending, base::Millis(5'000))});
  EXPECT_EQ(wait.word, Word::kWait);
  EXPECT_EQ(wait.until_ms, kOurs + 5'000);
  // Asked again then, it sends by a new lease: nobody waits any longer than that hold.
  const auto again = At(kOurs + 5'000, {Said(State::kSending, base::Millis(16'000))});
  EXPECT_EQ(again.word, Word::kSendMarked);
  EXPECT_EQ(again.detail, "fraud-0 is sending it too");
}

TEST(Decide, OneWhoDeliveredOutweighsAllOthers) {
  Heard told = Said(State::kDelivered);
  told.name = "fraud-2";
  told.answer->provider_id = "77";
  const auto passage = At(kOurs, {Silence(), Said(State::kDelivered), told});
  EXPECT_EQ(passage.word, Word::kElsewhere);
  EXPECT_EQ(passage.provider_id, "77");  // of one who knows it
  EXPECT_EQ(passage.detail, "delivered by fraud-2");
}

TEST(Decide, OneDoubtIsEnough) {
  const auto passage = At(kOurs, {Said(State::kPending), Silence()});
  EXPECT_EQ(passage.word, Word::kSendMarked);
  EXPECT_EQ(passage.detail, "fraud-0 did not answer");
}

Answer Answered(std::optional<Identity> identity) {
  return {.name = "other",
          .state = State::kSending,
          .lease_ends_in = base::Millis(1),
          .who = {.identity = std::move(identity)}};
}

TEST(Understand, WhoseTurnWasFirstGoesByThePositionThatIsSaid) {
  const Identity own{.run = "a", .position = 1};
  const Peer before{.position = 0, .name = "fraud-0"};
  const Peer behind{.position = 2, .name = "fraud-2"};
  const auto heard = Understand(before, Answered(std::nullopt), own);
  EXPECT_TRUE(heard.before_us && heard.answer && !heard.itself);
  EXPECT_EQ(heard.name, "other");
  EXPECT_FALSE(Understand(behind, Answered(std::nullopt), own).before_us);
  EXPECT_TRUE(Understand(behind, Answered(Identity{.run = "b", .position = 0}), own).before_us);
  EXPECT_FALSE(Understand(before, Answered(Identity{.run = "b", .position = 2}), own).before_us);
  // At the same position neither waits for the other.
  const auto same = Understand(before, Answered(Identity{.run = "b", .position = 1}), own);
  EXPECT_EQ(At(kOurs, {same}).word, Word::kSendMarked);
}

TEST(Understand, OurselvesSayNothing) {
  const Identity own{.run = "a", .position = 1};
  for (const State state : {State::kDelivered, State::kSending, State::kPending}) {
    Answer answer = Answered(own);
    answer.state = state;
    for (const int listed : {0, 2}) {
      const auto heard = Understand({.position = listed, .name = "fraud-0"}, answer, own);
      EXPECT_FALSE(heard.answer.has_value());
      EXPECT_EQ(At(kOurs, {heard}).word, Word::kSendMarked);
    }
  }
}

TEST(Decide, NobodyToAskSends) { EXPECT_EQ(At(kOurs, {}).word, Word::kSend); }

}  // namespace
}  // namespace sidecar::peers
