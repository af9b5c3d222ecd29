#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace base {

// An open descriptor that closes itself.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  ~Fd();
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

// The whole of a small file, at most `max_bytes` of it (files of /proc and control groups have no
// size to ask for). Errors as ErrnoError, the path in the message.
Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes = 1 << 20);
// The same for `name` below an open directory.
Result<std::string> ReadFileAt(const Fd& directory, const char* name,
                               std::size_t max_bytes = 1 << 20);

}  // namespace base
