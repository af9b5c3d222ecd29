#include "base/periodic_worker.h"

#include <exception>
#include <utility>

#include "base/log.h"

namespace base {

PeriodicWorker::PeriodicWorker(Millis interval, std::function<void(std::stop_token)> step)
    : interval_(interval), step_(std::move(step)) {}

PeriodicWorker::~PeriodicWorker() { Stop(); }

void PeriodicWorker::Start() {
  if (thread_.joinable()) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void PeriodicWorker::Wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
}

void PeriodicWorker::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

// The interval counts from the start of a step; one that took longer is followed at once by the
// next, and missed ones are not made up for.
void PeriodicWorker::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const SteadyTime next = std::chrono::steady_clock::now() + interval_;
    try {
      step_(stop);
    } catch (const std::exception& error) {  // one failed step must not end the process
      log::Error("worker_step_threw", {{"error", error.what()}});
    }
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, stop, next, [this] { return woken_; });
    woken_ = false;
  }
}

}  // namespace base
