#pragma once

#include <mutex>

#include "base/clock.h"
#include "base/curl_easy.h"

namespace base {

// For curl_client.cc alone: the handle of calls with HttpCall::keep, and in it the connection that
// the last one left open. Thread-safe; calls at the same time have a handle each, and the one that
// ends last leaves its own.
class KeptHandle {
 public:
  KeptHandle() = default;
  ~KeptHandle();  // says goodbye and waits for no answer
  KeptHandle(const KeptHandle&) = delete;
  KeptHandle& operator=(const KeptHandle&) = delete;

  [[nodiscard]] CURL* Take();
  void Put(CURL* handle, SteadyTime now);
  void CloseIdle(SteadyTime now);

 private:
  CURL* Exchange(CURL* handle, SteadyTime now);

  std::mutex mutex_;
  CURL* handle_ = nullptr;
  SteadyTime used_;
};

// Makes the call one that may use a kept connection, and leave one.
void SetKept(Easy* easy);

}  // namespace base
