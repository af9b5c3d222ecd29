#include "notifier/outbox.h"

#include <gtest/gtest.h>

#include "notifier/memory_outbox.h"
#include "tests/notifier/outbox_contract.h"
#include "tests/notifier/outbox_wait_contract.h"

namespace notifier {
namespace {

struct MemoryBench {
  Outbox& outbox() { return memory; }
  long long Add(const Message& message) { return *memory.Add(message); }
  State StateOf(long long id) { return memory.Find(id)->state; }
  std::vector<std::pair<int, Outcome>> AttemptsOf(long long id) { return memory.Find(id)->tries; }
  std::vector<Message> Waiting(const std::string& channel) {
    std::vector<Message> waiting;
    for (long long id = 1; id < 100; ++id) {
      const auto row = memory.Find(id);
      if (row && row->state == State::kPending && row->message.channel == channel) {
        waiting.push_back(row->message);
      }
    }
    return waiting;
  }
  void Restart() { memory.LoseClaims(); }

  MemoryOutbox memory{1'000};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, OutboxContract, MemoryBench);
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, OutboxWaitContract, MemoryBench);

Message Make(const std::string& key) {
  return {.key = key, .channel = "email", .target = "a", .thread = key, .created_at_ms = 500};
}

TEST(MemoryOutbox, IsBounded) {
  MemoryOutbox outbox(2);
  ASSERT_TRUE(outbox.Add(Make("one")).ok());
  ASSERT_TRUE(outbox.Add(Make("two")).ok());
  EXPECT_EQ(outbox.Add(Make("three")).error().code, base::ErrorCode::kFull);
  outbox.Remove(1);
  EXPECT_TRUE(outbox.Add(Make("four")).ok());
}

TEST(MemoryOutbox, WhatIsSettledTakesNoRoomAndIsKnownForLong) {
  MemoryOutbox outbox(1);
  const auto send = [&](const std::string& key) {
    ASSERT_TRUE(outbox.Add(Make(key)).ok()) << key;
    const auto claimed = *outbox.ClaimNext("email", 1000, base::Millis(9));
    ASSERT_TRUE(outbox.Settle(*claimed, {.state = State::kDelivered}, 1000).ok());
  };
  for (int i = 1; i <= 9; ++i) send("key-" + std::to_string(i));
  EXPECT_TRUE(outbox.Find(1));
  send("key-10");
  EXPECT_FALSE(outbox.Find(1)) << "the oldest goes";
  EXPECT_TRUE(outbox.Find(2));
}

TEST(MemoryOutbox, AKeyIsThereOnce) {
  MemoryOutbox outbox(2);
  ASSERT_TRUE(outbox.Add(Make("one")).ok());
  EXPECT_EQ(outbox.Add(Make("one")).error().code, base::ErrorCode::kInvalid);
}

TEST(MemoryOutbox, AHeldRowIsNotClaimedUntilItIsLetGo) {
  MemoryOutbox outbox(2);
  const long long id = *outbox.Add(Make("one"));
  EXPECT_EQ(outbox.Hold(id)->state, State::kPending);
  EXPECT_FALSE(outbox.ClaimNext("email", 1000, base::Millis(9))->has_value());
  outbox.LetGo(id);
  EXPECT_TRUE(outbox.ClaimNext("email", 1000, base::Millis(9))->has_value());
  EXPECT_FALSE(outbox.Hold(99));
}

TEST(MemoryOutbox, ANoticeSaysThatItIsNotRecorded) {
  MemoryBench bench;
  Message chat = Make("news");
  chat.channel = "telegram";
  (void)bench.Add(chat);
  Message same = chat;
  same.key = "own";
  same.channel = "email";
  (void)bench.Add(same);  // the reader of the mails has the news
  const auto lost = *bench.memory.ClaimNext("telegram", 1000, base::Millis(9));
  Notice notice{.brief = Make("notice"), .reason = "refuses"};
  notice.brief.text = "refuses: 403\n";
  ASSERT_TRUE(
      bench.memory.Settle(*lost, {.state = State::kFailed, .notices = {notice}}, 1000).ok());
  const auto waiting = bench.Waiting("email");
  ASSERT_EQ(waiting.size(), 2U);
  EXPECT_EQ(waiting[1].text, "refuses: 403\n" + std::string(kNotRecorded));
}

TEST(MemoryOutbox, ATryOfARemovedRowEndsNowhere) {
  MemoryOutbox outbox(2);
  const long long id = *outbox.Add(Make("one"));
  const auto claimed = *outbox.ClaimNext("email", 1000, base::Millis(9));
  outbox.Remove(id);
  EXPECT_EQ(outbox.Settle(*claimed, {.state = State::kDelivered}, 1000).error().code,
            base::ErrorCode::kNotFound);
  EXPECT_FALSE(outbox.Find(id));
}

TEST(State, NamesAreDistinctAndReadBack) {
  for (const char* name :
       {"pending", "sending", "delivered", "retrying", "failed", "ambiguous", "expired"}) {
    const auto state = ParseState(name);
    ASSERT_TRUE(state) << name;
    EXPECT_EQ(StateName(*state), name);
  }
  EXPECT_EQ(ParseState("sent"), std::nullopt);
  EXPECT_EQ(ParseState(""), std::nullopt);
}

}  // namespace
}  // namespace notifier
