#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/tls_end.h"

namespace support {

// The server's side of one connection, led by a test's script. Reads give up after 20 s, so a
// broken test ends.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {
    const timeval limit = {.tv_sec = 20, .tv_usec = 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    const int on = 1;  // a line at a time must not wait for the client's delayed acknowledgement
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }

  void Say(const std::string& line) { Write(line + "\r\n"); }
  void Write(const std::string& text) {
    if (tls_ != nullptr) {
      tls_->Write(text);
    } else {
      send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    }
  }
  // One line without its end; "" when the client is gone.
  std::string Hear() {
    std::size_t end = 0;
    while ((end = unread_.find("\r\n")) == std::string::npos) {
      if (!Fill()) return "";
    }
    std::string line = unread_.substr(0, end);
    unread_.erase(0, end + 2);
    heard_.push_back(line);
    return line;
  }
  void HearMessage() {  // to the final dot
    while (Hear() != "." && !gone_) continue;
  }
  std::string HearBytes(std::size_t count) {
    while (unread_.size() < count && Fill()) continue;
    std::string bytes = unread_.substr(0, count);
    unread_.erase(0, count);
    return bytes;
  }
  void HangUp() { shutdown(fd_, SHUT_RDWR); }  // at once, not when the script is over
  void Reset() {                               // as a program that was killed
    const sockaddr nobody = {.sa_family = AF_UNSPEC, .sa_data = {}};
    (void)connect(fd_, &nobody, sizeof(nobody));
  }
  // Says nothing more until the client goes away.
  void Hang() {
    while (Fill()) continue;
  }
  bool StartTls(const Certificate& certificate) {
    tls_ = std::make_unique<TlsEnd>(fd_, certificate);
    return tls_->ok();
  }
  [[nodiscard]] const std::vector<std::string>& heard() const { return heard_; }

 private:
  bool Fill() {
    std::array<char, 4096> part = {};
    const long size = tls_ != nullptr ? tls_->Read(part.data(), part.size())
                                      : recv(fd_, part.data(), part.size(), 0);
    gone_ = size <= 0;
    if (!gone_) unread_.append(part.data(), static_cast<std::size_t>(size));
    return !gone_;
  }

  const int fd_;
  bool gone_ = false;
  std::string unread_;
  std::vector<std::string> heard_;
  std::unique_ptr<TlsEnd> tls_;
};

// A socket that listens on any free port, which is written to *port.
inline int ListenOnLoopback(int backlog, int* port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  listen(listener, backlog);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  *port = ntohs(address.sin_port);
  return listener;
}

// A server on loopback that plays its script to the first client, on a thread of its own, and then
// hangs up. With several scripts it plays each to one client, one after another.
class ScriptedServer {
 public:
  using Script = std::function<void(Peer&)>;

  explicit ScriptedServer(Script script) : ScriptedServer(std::vector<Script>{std::move(script)}) {}
  explicit ScriptedServer(std::vector<Script> scripts) : scripts_(std::move(scripts)) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    listener_ = ListenOnLoopback(8, &port_);
    thread_ = std::thread([this] {
      for (const Script& script : scripts_) Serve(script);
    });
  }
  ~ScriptedServer() {
    (void)Heard();
    close(listener_);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  // Waits for the end of the script and gives all lines it heard. For after the client's call.
  std::vector<std::string> Heard() {
    if (thread_.joinable()) {
      shutdown(listener_, SHUT_RDWR);
      thread_.join();
    }
    return heard_;
  }

 private:
  void Serve(const Script& script) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    Peer peer(fd);
    script(peer);
    heard_.insert(heard_.end(), peer.heard().begin(), peer.heard().end());
    shutdown(fd, SHUT_RDWR);
    close(fd);
  }

  const std::vector<Script> scripts_;
  int listener_ = -1;
  int port_ = 0;
  std::vector<std::string> heard_;  // written by the thread, read after its end
  std::thread thread_;
};

}  // namespace support
