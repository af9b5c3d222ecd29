#include "notifier/telegram/pacing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace notifier {
namespace {

using base::Millis;
using base::SteadyTime;

const Chat kPerson = {.id = "4711"};
const Chat kGroup = {.id = "-100123"};

class PacingTest : public testing::Test {
 protected:
  // Sends as early as allowed; the time at which it went.
  SteadyTime Send(const Chat& chat) {
    now += pacing.Wait(chat, now);
    EXPECT_EQ(pacing.Wait(chat, now), Millis(0));
    pacing.Sent(chat, now);
    return now;
  }
  // The most that went within any `window`, both ends included.
  static std::size_t Most(const std::vector<SteadyTime>& times, Millis window) {
    std::size_t most = 0;
    for (std::size_t i = 0; i < times.size(); ++i) {
      const auto end = std::upper_bound(times.begin(), times.end(), times[i] + window);
      most = std::max(most, static_cast<std::size_t>(end - times.begin()) - i);
    }
    return most;
  }
  std::vector<SteadyTime> SendMany(std::size_t count, const std::vector<Chat>& chats) {
    std::vector<SteadyTime> times;
    times.reserve(count);
    for (std::size_t i = 0; i < count; ++i) times.push_back(Send(chats[i % chats.size()]));
    return times;
  }

  SteadyTime now{Millis(1'000'000)};
  Pacing pacing;
};

TEST_F(PacingTest, AQuietChatTakesThreeAtOnceAndThenOneASecond) {
  const SteadyTime start = now;
  const auto times = SendMany(5, {kPerson});
  EXPECT_EQ(times[2], start);
  EXPECT_EQ(times[3], start + Millis(1000));
  EXPECT_EQ(times[4], start + Millis(2000));
  now += Millis(3000);
  const SteadyTime later = now;
  EXPECT_EQ(SendMany(3, {kPerson}).back(), later);
}

TEST_F(PacingTest, APersonIsNoGroup) {
  const auto times = SendMany(100, {kPerson});
  EXPECT_EQ(times.back() - times.front(), Millis(97'000));
}

TEST_F(PacingTest, AGroupTakesTwentyInAnyMinute) {
  const auto times = SendMany(100, {kGroup});
  EXPECT_EQ(Most(times, Millis(60'000)), 20U);
  EXPECT_EQ(Most(times, Millis(0)), 3U);
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_LE(times[i] - times[i - 1], Millis(4000));
  EXPECT_EQ(SendMany(100, {{.id = "@on_call"}}).size(), 100U);
}

TEST_F(PacingTest, ANamedChatCountsAsAGroup) {
  EXPECT_EQ(Most(SendMany(50, {{.id = "@on_call"}}), Millis(60'000)), 20U);
}

TEST_F(PacingTest, AllChatsTogetherTakeThirtyInAnySecond) {
  std::vector<Chat> chats;
  chats.reserve(200);
  for (int i = 1; i <= 200; ++i) chats.push_back({.id = std::to_string(i)});
  const auto times = SendMany(200, chats);
  EXPECT_LE(Most(times, Millis(999)), 30U);
  EXPECT_LE(times.back() - times.front(), Millis(10'000));
}

TEST_F(PacingTest, TopicsShareTheirChat) {
  SendMany(3, {kPerson});
  EXPECT_GT(pacing.Wait({.id = kPerson.id, .topic = 5}, now), Millis(0));
}

TEST_F(PacingTest, APauseHoldsItsChatAndNoOther) {
  pacing.Pause(kPerson, now + Millis(17'000), now);
  EXPECT_EQ(pacing.Wait(kPerson, now), Millis(17'000));
  EXPECT_EQ(pacing.Wait(kPerson, now + Millis(16'999)), Millis(1));
  EXPECT_EQ(pacing.Wait(kPerson, now + Millis(17'000)), Millis(0));
  EXPECT_EQ(pacing.Wait(kGroup, now), Millis(0));
  pacing.Pause(kPerson, now + Millis(5), now);  // an earlier end does not shorten it
  EXPECT_EQ(pacing.Wait(kPerson, now), Millis(17'000));
}

TEST_F(PacingTest, RoundsUp) {
  pacing.Pause(kPerson, now + std::chrono::microseconds(1), now);
  EXPECT_EQ(pacing.Wait(kPerson, now), Millis(1));
}

TEST_F(PacingTest, ForgetsTheChatOfTheLongestAgo) {
  pacing.Pause(kPerson, now + Millis(3'600'000), now);
  pacing.Pause(kGroup, now + Millis(3'600'000), now + Millis(1));
  for (std::size_t i = 0; i < Pacing::kMaxChats - 1; ++i) {
    pacing.Pause({.id = "1" + std::to_string(i)}, now, now + Millis(2));
  }
  EXPECT_EQ(pacing.Wait(kPerson, now), Millis(0));
  EXPECT_EQ(pacing.Wait(kGroup, now), Millis(3'600'000));
}

}  // namespace
}  // namespace notifier
