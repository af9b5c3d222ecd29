#pragma once

#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "base/file.h"
#include "model-svc/http_front.h"
#include "model-svc/http_front_connections.h"
#include "model-svc/http_front_linger.h"

// Private to http_front: the one thread of ours. It accepts, closes what has had its time, lingers
// and drains; it sleeps while there is no connection.
//
// libmicrohttpd could accept by itself, but then nothing tells when its accept queue is empty, and
// MHD_quiesce_daemon races with its threads (0.9.75 aborts when both take the socket out of epoll).
namespace model::http_front {

class Keeper {
 public:
  // Gives a new connection to libmicrohttpd, which owns the descriptor from then on. false: it was
  // refused and is closed.
  using HandOver = std::function<bool(int fd, const sockaddr* from, socklen_t size)>;

  Keeper(const HttpFrontOptions& options, base::Fd listener, HandOver hand_over);
  void Start();
  // Returns when everybody was answered and has gone, or drain_deadline has passed.
  void Drain();

  // Called by the threads of libmicrohttpd.
  Connection* Opened(int fd, base::SteadyTime now) { return table_.Add(fd, now); }
  // Before the descriptor is closed. `linger`: the client may still be sending.
  void Closed(Connection* connection, bool linger, base::SteadyTime now);
  // Takes one of max_connections until Closed. false: all are taken.
  bool Admit(Connection* connection);
  // Whether an answer should be the last on its connection: while we drain, and while more clients
  // are there than can be served, so that each gets its turn and may find another replica.
  [[nodiscard]] bool wants_room() const;
  [[nodiscard]] const std::shared_ptr<const std::atomic<int>>& open() const { return open_view_; }

 private:
  void Run();
  [[nodiscard]] int most() const;  // connections at once
  [[nodiscard]] bool HasRoom() const;
  void Wait();
  void Accept();
  void Sweep(base::SteadyTime now);
  bool Drained(base::SteadyTime now);
  void Wake() const;

  const HttpFrontOptions options_;
  const HandOver hand_over_;
  const base::Fd wake_;
  base::Fd listener_;
  ConnectionTable table_;
  Lingerers lingerers_;
  std::shared_ptr<std::atomic<int>> open_;  // accepted and not yet closed
  std::shared_ptr<const std::atomic<int>> open_view_;
  std::atomic<int> admitted_ = 0;
  std::atomic<bool> draining_ = false;

  // The thread's own.
  bool accept_failed_ = false;
  bool queue_empty_ = false;  // Accept() found it so
  base::SteadyTime swept_{};
  std::optional<base::SteadyTime> draining_since_;
  std::jthread thread_;
};

}  // namespace model::http_front
