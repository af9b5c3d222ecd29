#include "base/http_server_queue.h"

#include <sys/eventfd.h>

#include <exception>
#include <utility>

#include "base/log.h"

namespace base::http_server {

WorkQueue::WorkQueue(int threads, std::size_t max_waiting)
    : max_waiting_(max_waiting), pressure_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  try {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
  } catch (...) {  // the system has no thread left: those that run must end, or joining them hangs
    Finish();
    throw;
  }
}

WorkQueue::~WorkQueue() { Finish(); }

void WorkQueue::Add(Task task) {
  {
    std::unique_lock lock(mutex_);
    has_room_.wait(lock, [this] { return waiting_.size() < max_waiting_; });
    waiting_.push_back(std::move(task));
    NotePressure();
  }
  has_task_.notify_one();
}

void WorkQueue::Finish() {
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
  }
  has_task_.notify_all();
  threads_.clear();  // a jthread joins
}

bool WorkQueue::under_pressure() const {
  const std::lock_guard lock(mutex_);
  return pressed_;
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

void WorkQueue::Work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++free_threads_;
    NotePressure();
    has_task_.wait(lock, [this] { return !waiting_.empty() || finishing_; });
    --free_threads_;
    if (waiting_.empty()) return;
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
  }
}

}  // namespace base::http_server
