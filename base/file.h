#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace base {

// An open descriptor that closes itself.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd();
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// The whole of a small file, at most `max_bytes` of it (files of /proc and control groups have no
// size to ask for). Errors as ErrnoError, the path in the message.
Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes = 1 << 20);
// Opens `name` below `directory` for ReadAgain.
Result<Fd> OpenAt(const Fd& directory, const char* name);
// The present text of an open file, read from its beginning: one system call for the small files of
// /proc and control groups, where a short read is the end. `name` is for the error.
Result<std::string> ReadAgain(const Fd& file, const char* name);

}  // namespace base
