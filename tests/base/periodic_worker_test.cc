#include "base/periodic_worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

#include "tests/support/gate.h"

namespace base {
namespace {

constexpr Millis kNever{3'600'000};

TEST(PeriodicWorker, StepsAtOnceAndAtEachInterval) {
  support::Gate steps;
  PeriodicWorker worker(Millis{1}, [&](const std::stop_token&) { steps.Pass(); });
  worker.Start();
  EXPECT_TRUE(steps.Wait(3));
}

TEST(PeriodicWorker, DoesNothingBeforeStart) {
  support::Gate steps;
  {
    PeriodicWorker worker(Millis{1}, [&](const std::stop_token&) { steps.Pass(); });
    worker.Wake();
  }
  EXPECT_EQ(steps.passed(), 0);
}

TEST(PeriodicWorker, WakeDoesNotWaitForTheInterval) {
  support::Gate steps;
  PeriodicWorker worker(kNever, [&](const std::stop_token&) { steps.Pass(); });
  worker.Start();
  ASSERT_TRUE(steps.Wait(1));
  worker.Wake();
  ASSERT_TRUE(steps.Wait(2));
  worker.Stop();
  EXPECT_EQ(steps.passed(), 2);
}

TEST(PeriodicWorker, SeveralWakesDuringAStepAreOneMoreStep) {
  support::Gate started;
  support::Gate release;
  PeriodicWorker worker(kNever, [&](const std::stop_token&) {
    started.Pass();
    release.Wait(started.passed() == 1 ? 1 : 0);
  });
  worker.Start();
  ASSERT_TRUE(started.Wait(1));
  for (int i = 0; i < 5; ++i) worker.Wake();
  release.Pass();
  ASSERT_TRUE(started.Wait(2));
  worker.Stop();
  EXPECT_EQ(started.passed(), 2);
}

TEST(PeriodicWorker, StopEndsTheRunningStepAndTheLongWait) {
  support::Gate started;
  std::atomic<bool> asked = false;
  PeriodicWorker worker(kNever, [&](const std::stop_token& stop) {
    support::Gate stopped;
    const std::stop_callback on_stop(stop, [&] { stopped.Pass(); });
    started.Pass();
    asked = stopped.Wait();
  });
  worker.Start();
  ASSERT_TRUE(started.Wait());
  worker.Stop();
  EXPECT_TRUE(asked);
  worker.Stop();
}

TEST(PeriodicWorker, AStepThatThrowsIsNotTheLast) {
  support::Gate steps;
  PeriodicWorker worker(Millis{1}, [&](const std::stop_token&) {
    steps.Pass();
    throw std::runtime_error("broken step");
  });
  worker.Start();
  EXPECT_TRUE(steps.Wait(2));
}

TEST(PeriodicWorker, CanBeStartedAgain) {
  support::Gate steps;
  PeriodicWorker worker(kNever, [&](const std::stop_token&) { steps.Pass(); });
  worker.Start();
  worker.Start();
  ASSERT_TRUE(steps.Wait(1));
  worker.Stop();
  worker.Start();
  EXPECT_TRUE(steps.Wait(2));
}

}  // namespace
}  // namespace base
