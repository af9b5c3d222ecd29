#include "notifier/outbox.h"

#include <gtest/gtest.h>

#include "tests/notifier/outbox_contract.h"
#include "tests/support/fake_outbox.h"

namespace notifier {
namespace {

// The fake keeps the contract too, or tests on it would prove nothing.
struct FakeBench {
  Outbox& outbox() { return fake; }
  long long Add(const Message& message) { return fake.Add(message); }
  State StateOf(long long id) { return fake.StateOf(id); }
  std::vector<std::pair<int, Outcome>> AttemptsOf(long long id) { return fake.AttemptsOf(id); }
  void Restart() { fake.Restart(); }

  support::FakeOutbox fake;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Fake, OutboxContract, FakeBench);

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
