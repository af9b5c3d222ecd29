#include "model-svc/http_front_connections.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace model::http_front {
namespace {

constexpr unsigned kPhaseBits = 3;

std::uint64_t MillisOf(base::SteadyTime at) {
  const auto since = std::chrono::duration_cast<base::Millis>(at.time_since_epoch());
  return static_cast<std::uint64_t>(since.count());
}

bool HasUnread(int fd) {
  int bytes = 0;
  return ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

// SHUT_RD makes libmicrohttpd see an end of input behind what has arrived, so a request that was
// sent a moment ago is answered. Who goes on sending is cut at the next sweep, unless it is we that
// have not read: a thread may be busy with a long batch.
void Retire(Connection* connection) {
  if (!connection->retired) {
    shutdown(connection->fd, SHUT_RD);
  } else if (!HasUnread(connection->fd)) {
    shutdown(connection->fd, SHUT_RDWR);
  }
  connection->retired = true;
}

// libmicrohttpd 0.9.75 reads until its buffer is not full and then waits for an edge; a client's
// end that came together with its last bytes has no edge of its own and would never be seen. While
// a client waits, an end that comes later is seen: one look for each time of waiting is enough.
void CloseIfLeft(Connection* connection) {
  const std::uint64_t word = connection->mark.word();
  const Phase phase = connection->mark.phase();
  // Half-closed by a client that waits for its answer: it gets it.
  if (phase == Phase::kHandling || phase == Phase::kAnswering) return;
  if (phase == Phase::kWaiting && connection->looked_at == word) return;
  connection->looked_at = word;
  char byte = 0;
  if (recv(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) {
    shutdown(connection->fd, SHUT_RDWR);
  }
}

}  // namespace

void PhaseMark::Enter(Phase phase, base::SteadyTime now) {
  word_.store(MillisOf(now) << kPhaseBits | static_cast<std::uint64_t>(phase),
              std::memory_order_relaxed);
}

Phase PhaseMark::phase() const { return static_cast<Phase>(word() & ((1U << kPhaseBits) - 1)); }

base::Millis PhaseMark::In(base::SteadyTime now) const {
  const std::uint64_t since = word() >> kPhaseBits;
  const std::uint64_t until = MillisOf(now);
  return base::Millis(until > since ? until - since : 0);
}

Verdict Judge(Phase phase, base::Millis in_phase, const Situation& situation,
              const HttpFrontOptions& limits) {
  switch (phase) {
    case Phase::kWaiting: {
      const base::Millis limit = situation.crowded ? limits.crowded_timeout : limits.idle_timeout;
      const bool drained = situation.draining_for.has_value() &&
                           *situation.draining_for >= kDrainGrace && in_phase >= kDrainGrace;
      return in_phase >= limit || drained ? Verdict::kRetire : Verdict::kKeep;
    }
    case Phase::kHead:
    case Phase::kBody: {
      const base::Millis limit = situation.crowded
                                     ? std::min(limits.crowded_timeout, limits.message_deadline)
                                     : limits.message_deadline;
      return in_phase >= limit ? Verdict::kCut : Verdict::kKeep;
    }
    case Phase::kHandling:
      return Verdict::kKeep;
    case Phase::kAnswering:
      return in_phase >= limits.write_deadline ? Verdict::kCut : Verdict::kKeep;
  }
  return Verdict::kCut;
}

Connection* ConnectionTable::Add(int fd, base::SteadyTime now) {
  auto connection = std::make_unique<Connection>(fd, now);
  Connection* const added = connection.get();
  const std::lock_guard lock(mutex_);
  added->index = connections_.size();
  connections_.push_back(std::move(connection));
  return added;
}

void ConnectionTable::Remove(Connection* connection) {
  std::unique_ptr<Connection> removed;  // freed outside the lock
  const std::lock_guard lock(mutex_);
  const std::size_t index = connection->index;
  removed = std::move(connections_[index]);
  if (index + 1 != connections_.size()) {
    connections_[index] = std::move(connections_.back());
    connections_[index]->index = index;
  }
  connections_.pop_back();
}

void ConnectionTable::Sweep(base::SteadyTime now, const Situation& situation,
                            const HttpFrontOptions& limits) {
  const std::lock_guard lock(mutex_);
  for (const auto& connection : connections_) {
    switch (Judge(connection->mark.phase(), connection->mark.In(now), situation, limits)) {
      case Verdict::kKeep:
        connection->retired = false;
        CloseIfLeft(connection.get());
        break;
      case Verdict::kRetire:
        Retire(connection.get());
        break;
      case Verdict::kCut:
        shutdown(connection->fd, SHUT_RDWR);
        break;
    }
  }
}

}  // namespace model::http_front
