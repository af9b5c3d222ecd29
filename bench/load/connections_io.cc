#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "bench/load/connections.h"

// The half of Connections that moves bytes: one request and its answer on one connection.
namespace load {
namespace {

constexpr std::uint32_t kReadable = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
constexpr std::uint32_t kWritable = EPOLLOUT | EPOLLHUP | EPOLLERR;
constexpr std::uint32_t kEnded = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

bool WouldBlock(int code) { return code == EAGAIN || code == EWOULDBLOCK; }

}  // namespace

void Connections::OnEvent(std::uint64_t token, std::uint32_t events) {
  const auto slot = static_cast<std::size_t>(token & 0xffffffff);
  const auto generation = static_cast<std::uint32_t>(token >> 32);
  const Connection& connection = connections_[slot];
  if (connection.generation != generation || connection.state == State::kFree) return;
  if (connection.state == State::kIdle) {  // the server closed it, or says what nobody asked
    if ((events & kReadable) != 0) Close(slot);
    return;
  }
  if (connection.state != State::kWaiting && (events & kWritable) != 0) Write(slot);
  // Writing may have found it broken; an answer may come before all is written.
  const bool alive = connection.generation == generation && connection.state != State::kIdle;
  if (alive && (events & kReadable) != 0) Read(slot, (events & kEnded) != 0);
}

void Connections::Write(std::size_t slot) {
  Connection& connection = connections_[slot];
  Request& request = connection.request;
  scratch_.assign(servers_[connection.target].head);
  AppendRow(rows_[request.row], request.number, &scratch_);
  while (connection.written < scratch_.size()) {
    const ssize_t count = send(connection.fd.get(), scratch_.data() + connection.written,
                               scratch_.size() - connection.written, MSG_NOSIGNAL);
    if (count >= 0) {
      connection.state = State::kSending;
      connection.written += static_cast<std::size_t>(count);
      continue;
    }
    if (errno == EINTR) continue;
    if (WouldBlock(errno)) return;
    // Who refuses may have said why and closed: that answer is still to be read.
    if (errno == EPIPE || errno == ECONNRESET) return Read(slot, true);
    return Broken(slot, strerror(errno));
  }
  connection.state = State::kWaiting;
  if (!request.sent) tallies_.Sent(request.phase);
  request.sent = true;
}

void Connections::Read(std::size_t slot, bool ended) {
  Connection& connection = connections_[slot];
  for (;;) {
    const ssize_t count = recv(connection.fd.get(), input_.data(), input_.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && WouldBlock(errno)) return;
    if (count < 0) return Broken(slot, strerror(errno));
    const auto size = static_cast<std::size_t>(count);
    const auto state =
        size == 0 ? connection.answer.End() : connection.answer.Feed({input_.data(), size});
    if (state == ResponseParser::State::kDone) return Done(slot, ended || size == 0);
    if (state == ResponseParser::State::kBad) return Broken(slot, connection.answer.problem());
    // Edge-triggered: a short read took all there was, unless the end is already behind it.
    if (size < input_.size() && !ended) return;
  }
}

void Connections::Done(std::size_t slot, bool ended) {
  Connection& connection = connections_[slot];
  const Request& request = connection.request;
  const Nanos now = Now();
  tallies_.Answered(request.phase, connection.answer.status(), now - request.due,
                    now - request.sent_at);
  // Answered before it had all: the rest of the request would be taken for the next one.
  const bool whole = connection.state == State::kWaiting;
  Server& server = servers_[connection.target];
  if (!options_.keep || !connection.answer.keep() || ended || !whole || server.gone) {
    return Close(slot);
  }
  LeaveBusy(slot);
  connection.used = true;
  connection.state = State::kIdle;
  server.idle.InsertBehind(kNoSlot, slot, &links_);
}

void Connections::Broken(std::size_t slot, const std::string& why) {
  const Connection& connection = connections_[slot];
  Request request = connection.request;
  const std::size_t target = connection.target;
  const bool refused = connection.state == State::kConnecting;
  // The server closed an idle connection while the request was on its way. RFC 9110 9.2.2 lets a
  // client try again what it knows to be safe to repeat: a prediction changes nothing.
  const bool again = connection.used && !connection.answer.begun() && !request.retried;
  Close(slot);
  if (refused) servers_[target].rests_until = Now() + options_.pass_over_for;
  if (!again) return tallies_.Failed(request.phase, servers_[target].target.name + ": " + why);
  request.retried = true;
  Hand(request);
}

}  // namespace load
