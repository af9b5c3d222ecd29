#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <thread>

#include "base/log.h"

namespace support {

// Standard error as a pipe that nobody reads until StopAndRead().
class LogPipe {
 public:
  LogPipe() : saved_(dup(STDERR_FILENO)) {
    if (pipe2(ends_, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    dup2(ends_[1], STDERR_FILENO);
  }
  ~LogPipe() {
    Restore();
    close(ends_[0]);
  }
  LogPipe(const LogPipe&) = delete;
  LogPipe& operator=(const LogPipe&) = delete;

  // Ends the log while reading what it writes.
  std::string StopAndRead() {
    std::string text;
    std::jthread reader([&] {
      char part[4096];
      for (ssize_t got = 0; (got = read(ends_[0], part, sizeof part)) > 0;) {
        text.append(part, static_cast<std::size_t>(got));
      }
    });
    base::log::Stop();
    Restore();
    reader.join();
    return text;
  }

 private:
  void Restore() {
    if (saved_ < 0) return;
    dup2(saved_, STDERR_FILENO);
    close(saved_);
    close(ends_[1]);
    saved_ = -1;
  }

  int saved_;
  int ends_[2] = {-1, -1};
};

}  // namespace support
