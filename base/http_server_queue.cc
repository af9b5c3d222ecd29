#include "base/http_server_queue.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

#include "base/log.h"

namespace base::http_server {

WorkQueue::WorkQueue(int max_threads, std::size_t max_waiting, Millis spare_for)
    : max_threads_(static_cast<std::size_t>(std::max(1, max_threads))),
      max_waiting_(max_waiting),
      spare_for_(spare_for),
      pressure_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  const std::lock_guard lock(mutex_);
  Grow();
}

WorkQueue::~WorkQueue() { Finish(); }

void WorkQueue::Add(Task task) {
  {
    std::unique_lock lock(mutex_);
    has_room_.wait(lock, [this] { return waiting_.size() < max_waiting_; });
    waiting_.push_back(std::move(task));
    GrowIfNeeded();
    NotePressure();
  }
  has_task_.notify_one();
}

void WorkQueue::Finish() {
  Threads last;
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;  // from now on no thread touches the lists
    last.splice(last.end(), threads_);
    last.splice(last.end(), ended_);
  }
  has_task_.notify_all();
  last.clear();  // a jthread joins
}

bool WorkQueue::under_pressure() const {
  const std::lock_guard lock(mutex_);
  return pressed_;
}

std::size_t WorkQueue::threads() const {
  const std::lock_guard lock(mutex_);
  return threads_.size();
}

void WorkQueue::Grow() {
  const auto self = threads_.emplace(threads_.end());
  try {
    *self = std::jthread([this, self] { Work(self); });
  } catch (...) {
    threads_.erase(self);
    throw;
  }
  ++free_threads_;
}

void WorkQueue::GrowIfNeeded() {
  if (waiting_.size() <= free_threads_ || threads_.size() >= max_threads_) return;
  try {
    Grow();
  } catch (const std::system_error& error) {  // the system has no thread left: the task waits
    if (!pressed_) log::Error("http_thread_not_started", {{"error", error.what()}});
  }
}

void WorkQueue::NotePressure() {
  const bool press = waiting_.size() > free_threads_;
  if (press == pressed_) return;
  pressed_ = press;
  eventfd_t count = 1;
  if (press) {
    eventfd_write(pressure_fd_.get(), count);
  } else {
    eventfd_read(pressure_fd_.get(), &count);
  }
}

// A free thread counts as such until it has its task in hand, or has left.
bool WorkQueue::WaitForTask(std::unique_lock<std::mutex>* lock) {
  const auto called = [this] { return !waiting_.empty() || finishing_; };
  while (!has_task_.wait_for(*lock, spare_for_, called)) {
    if (threads_.size() > 1) break;
  }
  --free_threads_;
  return !waiting_.empty();
}

void WorkQueue::Work(Threads::iterator self) {
  Threads before;
  std::unique_lock lock(mutex_);
  while (WaitForTask(&lock)) {
    const Task task = std::move(waiting_.front());
    waiting_.pop_front();
    NotePressure();
    lock.unlock();
    has_room_.notify_one();
    try {
      task();
    } catch (const std::exception& error) {  // one connection must not end the process
      log::Error("http_connection_threw", {{"error", error.what()}});
    }
    lock.lock();
    ++free_threads_;
    NotePressure();
  }
  if (finishing_) return;  // Finish has the lists
  before.swap(ended_);
  ended_.splice(ended_.end(), threads_, self);
  lock.unlock();
  before.clear();  // joins the one that ended before, which has nothing left to do
}

}  // namespace base::http_server
