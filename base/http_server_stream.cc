#include "base/http_server_stream.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace base::http_server {
namespace {

constexpr std::size_t kReceiveBytes = 16'384;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

SteadyTime Now() { return std::chrono::steady_clock::now(); }

// The wait for poll(), rounded up so that it does not spin in the last millisecond.
int PollTimeout(SteadyTime deadline) {
  const auto left = std::chrono::ceil<Millis>(deadline - Now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, 3'600'000));
}

Error Failure(ErrorCode code, const char* message) { return {.code = code, .message = message}; }

}  // namespace

ConnectionStream::ConnectionStream(int fd, const StreamLimits& limits, const StreamSignals& signals)
    : fd_(fd), limits_(limits), signals_(signals) {
  fcntl(fd, F_SETFD, FD_CLOEXEC);
}

// Whether there is something to read: false at the deadline, or when one of `signals` came first.
bool ConnectionStream::WaitReadable(SteadyTime deadline, const StreamSignals& signals) {
  for (;;) {
    std::array<pollfd, 3> polled = {{{.fd = fd_.get(), .events = POLLIN, .revents = 0},
                                     {.fd = signals.stop_fd, .events = POLLIN, .revents = 0},
                                     {.fd = signals.pressure_fd, .events = POLLIN, .revents = 0}}};
    const int ready = poll(polled.data(), polled.size(), PollTimeout(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready > 0) return polled[0].revents != 0;
    if (ready < 0 || Now() >= deadline) return false;
  }
}

bool ConnectionStream::WaitForRequest() {
  timed_out_ = false;
  if (in_.empty()) {
    // A new connection has a request on its way: only one that was served may have to make room.
    const StreamSignals signals{.stop_fd = signals_.stop_fd,
                                .pressure_fd = served_ ? signals_.pressure_fd : -1};
    deadline_ = Now() + limits_.idle_timeout;
    if (!WaitReadable(deadline_, signals) || !Receive()) return false;
  }
  served_ = true;
  deadline_ = Now() + limits_.message_deadline;
  return true;
}

bool ConnectionStream::Receive() {
  if (owes_continue_) {
    owes_continue_ = false;
    if (!Send("HTTP/1.1 100 Continue\r\n\r\n")) return false;
  }
  for (;;) {
    if (!WaitReadable(deadline_, {}) || Now() >= deadline_) {
      timed_out_ = true;
      return false;
    }
    const std::size_t before = in_.size();
    in_.resize(before + kReceiveBytes);
    const ssize_t got = recv(fd_.get(), in_.data() + before, kReceiveBytes, MSG_DONTWAIT);
    in_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got > 0) return true;
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) return false;
  }
}

Result<Head> ConnectionStream::ReadHead() {
  std::size_t searched = 0;
  for (;;) {
    if (searched == 0) in_.erase(0, in_.find_first_not_of("\r\n"));  // allowed before a request
    const std::size_t from = searched < kHeadEnd.size() ? 0 : searched - kHeadEnd.size();
    const std::size_t end = in_.find(kHeadEnd, from);
    const std::size_t size = end == std::string::npos ? in_.size() : end + kHeadEnd.size();
    if (size > limits_.max_header_bytes) {
      return Failure(ErrorCode::kFull, "the head of the request is too long");
    }
    if (end != std::string::npos) {
      auto head = ParseHead(std::string_view(in_).substr(0, size));
      in_.erase(0, size);
      if (!head) return head;
      body_ = head->body;
      body_left_ = head->body_bytes;
      chunks_ = {};
      owes_continue_ = head->expects_continue && body_ != BodyKind::kNone;
      return head;
    }
    if (!MayBeHead(in_)) return Failure(ErrorCode::kInvalid, "this is not HTTP/1.1");
    searched = in_.size();
    if (!Receive()) {
      return timed_out_ ? Failure(ErrorCode::kTimeout, "the request took too long to arrive")
                        : Failure(ErrorCode::kUnavailable, "the client has gone");
    }
  }
}

bool ConnectionStream::at_end() const {
  switch (body_) {
    case BodyKind::kNone:
      return true;
    case BodyKind::kLength:
      return body_left_ == 0;
    case BodyKind::kChunked:
      return chunks_.done();
  }
  return false;
}

ssize_t ConnectionStream::read(char* ptr, size_t size) {
  if (!head_.empty()) {
    const std::size_t count = std::min(size, head_.size());
    std::memcpy(ptr, head_.data(), count);
    head_.erase(0, count);
    return static_cast<ssize_t>(count);
  }
  switch (body_) {
    case BodyKind::kNone:
      return 0;
    case BodyKind::kLength:
      return ReadLength(ptr, size);
    case BodyKind::kChunked:
      return ReadChunks(ptr, size);
  }
  return -1;
}

ssize_t ConnectionStream::ReadLength(char* ptr, std::size_t size) {
  if (body_left_ == 0) return 0;
  if (in_.empty() && !Receive()) return -1;
  const std::size_t count = std::min({size, in_.size(), static_cast<std::size_t>(body_left_)});
  std::memcpy(ptr, in_.data(), count);
  in_.erase(0, count);
  body_left_ -= count;
  return static_cast<ssize_t>(count);
}

ssize_t ConnectionStream::ReadChunks(char* ptr, std::size_t size) {
  for (;;) {
    std::string_view input = in_;
    const std::size_t count = chunks_.Read(&input, ptr, size);
    in_.erase(0, in_.size() - input.size());
    if (count > 0) return static_cast<ssize_t>(count);
    if (chunks_.done()) return 0;
    if (chunks_.broken() || !Receive()) return -1;
  }
}

ssize_t ConnectionStream::write(const char* ptr, size_t size) {
  out_.append(ptr, size);
  return static_cast<ssize_t>(size);
}

bool ConnectionStream::Flush() {
  const bool sent = Send(out_);
  out_.clear();
  return sent;
}

bool ConnectionStream::Send(std::string_view data) {
  const SteadyTime deadline = Now() + limits_.write_deadline;
  while (!data.empty()) {
    const ssize_t sent = send(fd_.get(), data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) data.remove_prefix(static_cast<std::size_t>(sent));
    if (sent >= 0 || errno == EINTR) continue;
    pollfd writable = {.fd = fd_.get(), .events = POLLOUT, .revents = 0};
    if (errno != EAGAIN || poll(&writable, 1, PollTimeout(deadline)) <= 0) return false;
  }
  return true;
}

// Closing a socket with unread bytes makes the kernel reset the connection, and the client may lose
// the answer that is still on its way. So what comes is read and dropped, for a moment.
void ConnectionStream::CloseGently() {
  constexpr Millis kLinger{2000};
  constexpr std::size_t kMaxDropped = 32 << 20;
  deadline_ = std::min(Now() + kLinger, Now() + limits_.message_deadline);
  owes_continue_ = false;
  shutdown(fd_.get(), SHUT_WR);
  std::size_t dropped = 0;
  do {
    dropped += in_.size();
    in_.clear();
  } while (dropped < kMaxDropped &&
           WaitReadable(deadline_, {.stop_fd = signals_.stop_fd, .pressure_fd = -1}) && Receive());
}

void ConnectionStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  std::array<char, NI_MAXHOST> text{};
  auto* address = reinterpret_cast<sockaddr*>(&peer);
  const bool known =
      getpeername(fd_.get(), address, &size) == 0 &&
      getnameinfo(address, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0;
  ip = known ? text.data() : "";
  port = 0;  // no handler asks
}

void ConnectionStream::get_local_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

}  // namespace base::http_server
