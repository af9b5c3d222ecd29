#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "bench/load/target.h"

namespace load {

// Reads a targets file again and resolves what is new, away from the loop: Look is called by a
// thread of its own, TakeChange by the loop.
class TargetWatch {
 public:
  explicit TargetWatch(std::string path) : path_(std::move(path)) {}

  // The first reading. kInvalid, kUnavailable: nothing can be attacked.
  base::Result<std::vector<Target>> Begin();
  // A file that does not read, or a name that does not resolve, changes nothing until it does.
  void Look();
  // The targets, once after each change. Never waits for the resolver.
  std::optional<std::vector<Target>> TakeChange();

 private:
  base::Result<std::vector<Target>> Read(std::string* text) const;

  const std::string path_;
  std::string text_;  // of the last reading that was taken
  std::atomic<bool> changed_ = false;
  std::mutex mutex_;
  std::vector<Target> targets_;
};

}  // namespace load
