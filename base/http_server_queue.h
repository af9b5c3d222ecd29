#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/file.h"

// Private to http_server: a bounded pool. Each task is one connection.
namespace base::http_server {

class WorkQueue {
 public:
  using Task = std::function<void()>;

  // Starts `threads` threads. At most `max_waiting` tasks wait for one.
  WorkQueue(int threads, std::size_t max_waiting);
  ~WorkQueue();  // Finish()
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  // Blocks while as many tasks wait as may; no task is ever dropped, as each owns a connection.
  void Add(Task task);
  // Runs what waits and joins the threads. Nothing may be added from then on. Idempotent.
  void Finish();

  // Readable as long as a task waits that no free thread will take: an idle connection should end
  // and free its thread.
  [[nodiscard]] int pressure_fd() const { return pressure_fd_.get(); }
  [[nodiscard]] bool under_pressure() const;

 private:
  void Work();
  void NotePressure();  // with mutex_ held

  const std::size_t max_waiting_;
  const Fd pressure_fd_;
  mutable std::mutex mutex_;
  std::condition_variable has_task_;
  std::condition_variable has_room_;
  std::deque<Task> waiting_;
  std::size_t free_threads_ = 0;
  bool pressed_ = false;
  bool finishing_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace base::http_server
