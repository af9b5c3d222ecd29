#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/clock.h"

namespace base {

// A thread that calls `step` at once, then at each `interval`, and as soon as Wake() asks. Steps
// never overlap. The stop token lets a long step end early. The work itself is a public function
// elsewhere, so tests call that and never sleep.
class PeriodicWorker {
 public:
  PeriodicWorker(Millis interval, std::function<void(std::stop_token)> step);
  ~PeriodicWorker();  // Stop()
  PeriodicWorker(const PeriodicWorker&) = delete;
  PeriodicWorker& operator=(const PeriodicWorker&) = delete;

  void Start();
  void Wake();  // a hint: several before the next step count as one
  void Stop();  // asks the running step to end, joins. Idempotent

 private:
  void Run(const std::stop_token& stop);

  const Millis interval_;
  const std::function<void(std::stop_token)> step_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool woken_ = false;
  std::jthread thread_;
};

}  // namespace base
