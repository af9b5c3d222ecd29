#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/file.h"

// Private to http_server: a bounded pool. Each task is one connection.
namespace base::http_server {

// Threads begin when tasks wait that no free one will take, and end when nothing came for long: a
// pool that is large enough for a burst costs one thread while nobody asks.
class WorkQueue {
 public:
  using Task = std::function<void()>;

  // Starts the first thread, which stays; throws std::system_error when the system has none. At
  // most `max_threads` run, and at most `max_waiting` tasks wait for one. A thread that had no task
  // for `spare_for` ends.
  WorkQueue(int max_threads, std::size_t max_waiting, Millis spare_for);
  ~WorkQueue();  // Finish()
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  // Blocks while as many tasks wait as may; no task is ever dropped, as each owns a connection.
  void Add(Task task);
  // Runs what waits and joins the threads. Nothing may be added from then on. Idempotent.
  void Finish();

  // Readable as long as a task waits that no free thread will take, nor one that may still begin:
  // an idle connection should end and free its thread.
  [[nodiscard]] int pressure_fd() const { return pressure_fd_.get(); }
  [[nodiscard]] bool under_pressure() const;
  [[nodiscard]] std::size_t threads() const;  // that run now

 private:
  using Threads = std::list<std::jthread>;

  // With mutex_ held:
  void Grow();  // throws as the constructor
  void GrowIfNeeded();
  void NotePressure();
  bool WaitForTask(std::unique_lock<std::mutex>* lock);  // false: the thread is to end

  void Work(Threads::iterator self);

  const std::size_t max_threads_;
  const std::size_t max_waiting_;
  const Millis spare_for_;
  const Fd pressure_fd_;
  mutable std::mutex mutex_;
  std::condition_variable has_task_;
  std::condition_variable has_room_;
  std::deque<Task> waiting_;
  std::size_t free_threads_ = 0;  // those that only just begin included
  bool pressed_ = false;
  bool finishing_ = false;
  Threads threads_;
  Threads ended_;  // at most one, joined by the next that ends, or by Finish
};

}  // namespace base::http_server
