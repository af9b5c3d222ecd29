#include "model-svc/http_front_linger.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace model::http_front {

bool Lingerers::Keep(int fd, base::SteadyTime now) {
  const std::lock_guard lock(mutex_);
  if (lingerers_.size() >= kMost) return false;
  base::Fd copy(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!copy.valid()) return false;
  lingerers_.push_back({.fd = std::move(copy), .until = now + kLongest});
  return true;
}

void Lingerers::AddTo(std::vector<pollfd>* polled) const {
  const std::lock_guard lock(mutex_);
  for (const Lingerer& lingerer : lingerers_) {
    polled->push_back({.fd = lingerer.fd.get(), .events = POLLIN, .revents = 0});
  }
}

bool Lingerers::IsOver(Lingerer* lingerer, base::SteadyTime now) {
  // Bounded: the threads that serve wait for the lock meanwhile.
  constexpr std::size_t kAtOnce = 128 << 10;
  for (int turn = 0; turn < 2; ++turn) {
    // tcp(7): with MSG_TRUNC the bytes are dropped and not copied; the buffer is not looked at.
    const ssize_t got = recv(lingerer->fd.get(), nullptr, kAtOnce, MSG_TRUNC | MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return now >= lingerer->until;
    if (got <= 0 || static_cast<std::size_t>(got) >= lingerer->bytes_left) return true;
    lingerer->bytes_left -= static_cast<std::size_t>(got);
  }
  return now >= lingerer->until;  // poll comes back for the rest
}

void Lingerers::Drop(base::SteadyTime now) {
  const std::lock_guard lock(mutex_);
  const auto over = std::remove_if(lingerers_.begin(), lingerers_.end(),
                                   [now](Lingerer& lingerer) { return IsOver(&lingerer, now); });
  lingerers_.erase(over, lingerers_.end());
}

bool Lingerers::empty() const {
  const std::lock_guard lock(mutex_);
  return lingerers_.empty();
}

}  // namespace model::http_front
