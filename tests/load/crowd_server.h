#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/scripted_server.h"

namespace load {

// A server on loopback that plays its script to every client, each on a thread of its own, until
// the object goes; the script is told which connection it has, from 0.
class CrowdServer {
 public:
  using Script = std::function<void(support::Peer&, int connection)>;

  explicit CrowdServer(Script script) : script_(std::move(script)) {
    listener_ = support::ListenOnLoopback(64, &port_);
    thread_ = std::thread([this] { Accept(); });
  }
  ~CrowdServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : open_) shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& served : served_) served.join();
    for (const int fd : open_) close(fd);
    close(listener_);
  }
  CrowdServer(const CrowdServer&) = delete;
  CrowdServer& operator=(const CrowdServer&) = delete;

  [[nodiscard]] std::string name() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int connections() const { return connections_; }
  // Until the server has ended its first connection.
  void WaitForAnEnd() const { ended_.wait(0); }

 private:
  void Accept() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      const std::lock_guard lock(mutex_);
      open_.push_back(fd);
      served_.emplace_back([this, fd, number = connections_++] {
        support::Peer peer(fd);
        script_(peer, number);
        shutdown(fd, SHUT_RDWR);
        ++ended_;
        ended_.notify_all();
      });
    }
  }

  const Script script_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> ended_ = 0;
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> served_;  // of the accepting thread, then of the destructor
  std::thread thread_;
};

// One request with its body, as the load driver sends it; "" when the client is gone.
inline std::string HearRequest(support::Peer* peer) {
  std::size_t length = 0;
  std::string request;
  for (std::string line = peer->Hear(); !line.empty(); line = peer->Hear()) {
    if (line.starts_with("Content-Length: ")) length = std::stoul(line.substr(16));
    request += line + "\n";
  }
  return request.empty() ? "" : request + "\n" + peer->HearBytes(length);
}

inline std::string AnswerOf(int status, const std::string& further = "") {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 2\r\n" + further + "\r\n{}";
}

}  // namespace load
