#include "base/http_server_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/gate.h"

namespace base::http_server {
namespace {

constexpr Millis kLong{3'600'000};  // longer than any test: no thread is ever spare

// Tasks that run until the test lets them go, in the order in which they were added.
class HttpServerQueue : public testing::Test {
 protected:
  void AddHeld(WorkQueue* queue, int count) {
    for (int i = 0; i < count; ++i) {
      queue->Add([this, number = ++added_] {
        begun_.Pass();
        release_.Wait(number);
        ++done_;
      });
    }
  }
  void AwaitBegun(int in_all) { ASSERT_TRUE(begun_.Wait(in_all)); }
  void Release(int count) {
    for (int i = 0; i < count; ++i) release_.Pass();
  }

  support::Gate begun_;
  support::Gate release_;
  int added_ = 0;
  std::atomic<int> done_ = 0;
};

TEST_F(HttpServerQueue, HasOneThreadWhileNobodyAsks) {
  WorkQueue queue(64, 64, kLong);
  EXPECT_EQ(queue.threads(), 1U);
  for (int i = 0; i < 20; ++i) {
    AddHeld(&queue, 1);
    Release(1);
    while (done_ <= i) std::this_thread::yield();
  }
  EXPECT_LE(queue.threads(), 2U) << "the one that just ran may not have come back yet";
}

TEST_F(HttpServerQueue, GrowsToItsBoundAndNoFurther) {
  WorkQueue queue(4, 4, kLong);
  AddHeld(&queue, 3);
  AwaitBegun(3);
  EXPECT_EQ(queue.threads(), 3U);
  EXPECT_FALSE(queue.under_pressure()) << "one more may begin";
  AddHeld(&queue, 1);
  AwaitBegun(4);
  EXPECT_FALSE(queue.under_pressure());
  AddHeld(&queue, 3);
  EXPECT_EQ(queue.threads(), 4U);
  EXPECT_TRUE(queue.under_pressure()) << "three wait, and no thread may begin";
  Release(7);
  queue.Finish();
  EXPECT_EQ(done_, 7);
  EXPECT_FALSE(queue.under_pressure());
}

TEST_F(HttpServerQueue, SpareThreadsEndAndComeAgain) {
  WorkQueue queue(8, 8, Millis(1));
  for (int round = 1; round <= 3; ++round) {
    AddHeld(&queue, 8);
    AwaitBegun(8 * round);
    EXPECT_EQ(queue.threads(), 8U);
    Release(8);
    while (queue.threads() > 1) std::this_thread::yield();
    EXPECT_EQ(done_, 8 * round);
  }
}

TEST_F(HttpServerQueue, FinishRunsWhatWaits) {
  WorkQueue queue(2, 8, kLong);
  AddHeld(&queue, 8);
  Release(8);
  queue.Finish();
  EXPECT_EQ(done_, 8);
  EXPECT_EQ(queue.threads(), 0U);
  queue.Finish();
}

// Threads that end by themselves at the moment of Finish are joined too.
TEST_F(HttpServerQueue, FinishWhileSpareThreadsEnd) {
  for (int i = 0; i < 200; ++i) {
    WorkQueue queue(4, 4, Millis(0));
    AddHeld(&queue, 4);
    Release(4);
  }
  EXPECT_EQ(done_, 800);
}

}  // namespace
}  // namespace base::http_server
