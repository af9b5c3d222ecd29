#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

namespace support {

// A client that sends the bytes it is told to, on 127.0.0.1. Every wait gives up after 20 s, so a
// broken server ends a test and does not hang it.
class RawClient {
 public:
  explicit RawClient(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit = {.tv_sec = 20, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);  // connect() heeds it too
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<in_port_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~RawClient() { close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }

  // Whether all was taken.
  bool Send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // No more will come from here; the answer can still be read.
  void EndSending() const { shutdown(fd_, SHUT_WR); }

  // Whether there is something to read, an end too, within `ms`.
  [[nodiscard]] bool Readable(int ms) const {
    pollfd polled = {.fd = fd_, .events = POLLIN, .revents = 0};
    return poll(&polled, 1, ms) == 1;
  }

  // What one recv() gives.
  std::string ReadOnce() {
    std::string part(1 << 16, '\0');
    const ssize_t got = recv(fd_, part.data(), part.size(), 0);
    part.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    ended_ = got == 0;
    reset_ = got < 0 && errno == ECONNRESET;
    return part;
  }

  // One answer with its body by Content-Length (without it when `has_body` is false); what came
  // behind it stays for the next call. Less when the connection ends.
  std::string ReadAnswer(bool has_body = true) {
    for (;;) {
      const std::size_t end = received_.find("\r\n\r\n");
      if (end != std::string::npos) {
        const std::size_t size = end + 4 + (has_body ? BodyBytes(end) : 0);
        if (received_.size() >= size) return Take(size);
      }
      const std::string part = ReadOnce();
      if (part.empty()) return Take(received_.size());
      received_ += part;
    }
  }

  // All that comes until the server closes.
  std::string ReadToEnd() {
    for (;;) {
      const std::string part = ReadOnce();
      if (part.empty()) return Take(received_.size());
      received_ += part;
    }
  }

  // After a read: whether the server closed in order, or reset the connection.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool reset() const { return reset_; }

 private:
  [[nodiscard]] std::size_t BodyBytes(std::size_t head_end) const {
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const std::size_t at = received_.find(kLength);
    if (at == std::string::npos || at > head_end) return 0;
    return std::stoul(received_.substr(at + kLength.size(), 12));
  }

  std::string Take(std::size_t size) {
    std::string taken = received_.substr(0, size);
    received_.erase(0, size);
    return taken;
  }

  const int fd_;
  bool connected_ = false;
  bool ended_ = false;
  bool reset_ = false;
  std::string received_;
};

}  // namespace support
