#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace support {

// What a test waits for instead of time: things that happened, counted.
class Gate {
 public:
  void Pass() {
    {
      const std::lock_guard lock(mutex_);
      ++passed_;
    }
    changed_.notify_all();
  }

  // Whether `count` have passed; false only when the test hangs.
  bool Wait(int count = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return passed_ >= count; });
  }

  int passed() {
    const std::lock_guard lock(mutex_);
    return passed_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int passed_ = 0;
};

}  // namespace support
