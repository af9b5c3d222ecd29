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
  ASSERT_TRUE(outbox.Add(Make("notice-two")).ok());
  EXPECT_EQ(outbox.Add(Make("three")).error().code, base::ErrorCode::kFull);
  for (int i = 0; i < 2; ++i) {
    const auto claimed = *outbox.ClaimNext("email", 1000, base::Millis(9));
    ASSERT_TRUE(outbox.Settle(*claimed, {.state = State::kDelivered}, 1000).ok());
  }
  ASSERT_TRUE(outbox.Add(Make("three")).ok()) << "a settled notice makes room";
  EXPECT_EQ(outbox.Add(Make("four")).error().code, base::ErrorCode::kFull)
      << "what was sent stays known";
  outbox.Remove(1);
  EXPECT_TRUE(outbox.Add(Make("four")).ok());
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
