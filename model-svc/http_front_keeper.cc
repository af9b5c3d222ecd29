#include "model-svc/http_front_keeper.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "model-svc/http_front_listener.h"

namespace model::http_front {
namespace {

constexpr base::Millis kSweepEvery{100};
constexpr base::Millis kDrainTick{20};
// Then deadlines have their turn, however fast clients connect.
constexpr int kAcceptAtOnce = 64;
// While all is taken, new ones are let in so many at once, or after kRoomTick: a wake-up for each
// connection that ends costs a flooded model a tenth of its answers.
constexpr int kRoomAtOnce = 16;
constexpr base::Millis kRoomTick{10};
// How long a handshake that began before a drain may still take: some round trips.
constexpr base::Millis kHandshake{100};

base::SteadyTime Now() { return std::chrono::steady_clock::now(); }

}  // namespace

Keeper::Keeper(const HttpFrontOptions& options, base::Fd listener, HandOver hand_over)
    : options_(options),
      hand_over_(std::move(hand_over)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      listener_(std::move(listener)),
      open_(std::make_shared<std::atomic<int>>(0)),
      open_view_(open_) {}

void Keeper::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void Keeper::Wake() const { eventfd_write(wake_.get(), 1); }

void Keeper::Drain() {
  draining_ = true;
  Wake();
  if (thread_.joinable()) thread_.join();
}

int Keeper::most() const { return options_.max_connections + options_.shed_connections; }

bool Keeper::HasRoom() const { return *open_ < most(); }

bool Keeper::Admit(Connection* connection) {
  if (connection->admitted) return true;
  if (admitted_.fetch_add(1) >= options_.max_connections) {
    --admitted_;
    return false;
  }
  connection->admitted = true;
  return true;
}

bool Keeper::wants_room() const {
  return draining_.load(std::memory_order_relaxed) ||
         open_->load(std::memory_order_relaxed) > options_.max_connections;
}

void Keeper::Closed(Connection* connection, bool linger, base::SteadyTime now) {
  const bool lingers = linger && lingerers_.Keep(connection->fd, now);
  if (connection->admitted) --admitted_;
  table_.Remove(connection);
  // Each count is seen by one thread only, so one of those that close brings the wake-up.
  const int free = most() - open_->fetch_sub(1) + 1;
  if (free == std::min(kRoomAtOnce, most()) || lingers || draining_) Wake();
}

// Until there is something to do.
void Keeper::Wait() {
  std::vector<pollfd> polled = {{.fd = wake_.get(), .events = POLLIN, .revents = 0}};
  const bool has_room = HasRoom();
  if (listener_.valid() && has_room && !accept_failed_) {
    polled.push_back({.fd = listener_.get(), .events = POLLIN, .revents = 0});
  }
  lingerers_.AddTo(&polled);
  const bool has_time_to_keep = *open_ > 0 || accept_failed_ || !lingerers_.empty();
  base::Millis timeout = has_time_to_keep ? kSweepEvery : base::Millis(-1);
  if (!has_room) timeout = kRoomTick;
  if (draining_) timeout = kDrainTick;
  poll(polled.data(), polled.size(), static_cast<int>(timeout.count()));
  eventfd_t count = 0;
  eventfd_read(wake_.get(), &count);
}

void Keeper::Accept() {
  accept_failed_ = false;
  queue_empty_ = false;
  for (int taken = 0; taken < kAcceptAtOnce && listener_.valid() && HasRoom(); ++taken) {
    sockaddr_storage from = {};
    socklen_t size = sizeof from;
    auto* const address = reinterpret_cast<sockaddr*>(&from);
    const int fd = accept4(listener_.get(), address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      queue_empty_ = errno == EAGAIN;
      // No descriptor or memory left: the queue stays readable, so a pause keeps us from spinning.
      accept_failed_ = errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
      return;
    }
    ++*open_;
    if (!hand_over_(fd, address, size)) --*open_;
  }
}

void Keeper::Sweep(base::SteadyTime now) {
  if (now - swept_ < kSweepEvery) return;
  swept_ = now;
  Situation situation{.crowded = *open_ * 4 >= options_.max_connections * 3};
  if (draining_since_) {
    situation.draining_for = std::chrono::duration_cast<base::Millis>(now - *draining_since_);
  }
  table_.Sweep(now, situation, options_);
}

bool Keeper::Drained(base::SteadyTime now) {
  if (!draining_) return false;
  if (!draining_since_) {
    draining_since_ = now;
    RefuseHandshakes(listener_);
  }
  const auto passed = now - *draining_since_;
  if (passed >= kHandshake && queue_empty_) listener_ = base::Fd();
  return passed >= options_.drain_deadline ||
         (!listener_.valid() && *open_ == 0 && lingerers_.empty());
}

void Keeper::Run() {
  for (;;) {
    Wait();
    Accept();
    const base::SteadyTime now = Now();
    lingerers_.Drop(now);
    Sweep(now);
    if (Drained(now)) return;
  }
}

}  // namespace model::http_front
