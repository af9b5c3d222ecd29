#pragma once

#include <poll.h>

#include <cstddef>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/file.h"

// Private to http_front: connections that were closed for writing while the client may still send.
namespace model::http_front {

// Closing a socket with unread bytes makes the kernel reset the connection, and the client may lose
// the answer that is on its way (RFC 9112 9.6). So a copy of the descriptor is kept for a moment,
// and what comes is dropped until the client closes. Thread-safe.
class Lingerers {
 public:
  static constexpr std::size_t kMost = 64;  // beyond them connections are just closed
  static constexpr base::Millis kLongest{2'000};
  static constexpr std::size_t kMostBytes = 8 << 20;

  // Whether it is kept; the descriptor stays the caller's either way.
  bool Keep(int fd, base::SteadyTime now);
  void AddTo(std::vector<pollfd>* polled) const;
  // Drops what has come; lets go of those that ended, sent too much or took too long.
  void Drop(base::SteadyTime now);
  [[nodiscard]] bool empty() const;

 private:
  struct Lingerer {
    base::Fd fd;
    base::SteadyTime until;
    std::size_t bytes_left = kMostBytes;
  };
  static bool IsOver(Lingerer* lingerer, base::SteadyTime now);

  mutable std::mutex mutex_;
  std::vector<Lingerer> lingerers_;
};

}  // namespace model::http_front
