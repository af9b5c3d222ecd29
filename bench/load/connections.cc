#include "bench/load/connections.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace load {
namespace {

// Our own shortage of descriptors, ports or memory; the service has no part in it.
bool IsShortage(int code) {
  return code == EMFILE || code == ENFILE || code == EADDRNOTAVAIL || code == ENOBUFS ||
         code == ENOMEM || code == EAGAIN;
}

void SetOptions(int fd, bool keep) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // A reset instead of TIME_WAIT: ports would run out after 28,000 requests a minute.
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  if (!keep) setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

Connections::Connections(const ConnectionOptions& options, int epoll, const std::vector<Row>* rows,
                         Tallies* tallies, const base::Clock* clock, base::SteadyTime start)
    : options_(options),
      epoll_(epoll),
      rows_(*rows),
      tallies_(*tallies),
      clock_(*clock),
      start_(start),
      connections_(options.max),
      links_(options.max),
      input_(std::size_t{64} * 1024) {
  free_.reserve(options.max);
  for (std::size_t slot = options.max; slot-- > 0;) free_.push_back(slot);
}

Connections::~Connections() = default;

Nanos Connections::Now() const { return clock_.Steady() - start_; }

void Connections::SetTargets(const std::vector<Target>& targets) {
  for (Server& server : servers_) server.gone = true;
  for (const Target& target : targets) {
    auto place = std::find_if(servers_.begin(), servers_.end(),
                              [&](const Server& s) { return s.target.name == target.name; });
    if (place == servers_.end()) {  // an abandoned place, so that a long churn costs no memory
      place = std::find_if(servers_.begin(), servers_.end(),
                           [](const Server& s) { return s.gone && s.open == 0; });
    }
    if (place == servers_.end()) place = servers_.emplace(place);
    place->target = target;
    place->gone = false;
    place->head = "POST /predict HTTP/1.1\r\nHost: " + target.name +
                  "\r\nUser-Agent: fraud-attack\r\nContent-Type: application/json\r\n" +
                  (options_.keep ? "" : "Connection: close\r\n") + "Content-Length: ";
  }
  for (Server& server : servers_) {
    while (server.gone && !server.idle.empty()) Close(server.idle.first());
  }
}

std::optional<std::size_t> Connections::ChooseServer(Nanos now) {
  std::optional<std::size_t> best;
  const auto cost = [&](const Server& server) {
    return std::pair(server.rests_until > now, server.in_flight);
  };
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const std::size_t at = (turn_ + i) % servers_.size();
    if (servers_[at].gone) continue;
    if (!best || cost(servers_[at]) < cost(servers_[*best])) best = at;
  }
  if (best) turn_ = *best + 1;
  return best;
}

std::size_t Connections::IdleFor(std::size_t server) {
  if (!servers_[server].idle.empty()) return servers_[server].idle.first();
  if (open_ < options_.max) return kNoSlot;
  const auto other = std::find_if(servers_.begin(), servers_.end(),
                                  [](const Server& s) { return !s.idle.empty(); });
  if (other == servers_.end()) return kNoSlot;
  if (servers_[server].open > 0) return other->idle.first();
  Close(other->idle.first());  // room for the first connection to one that just joined
  return kNoSlot;
}

Connections::Opened Connections::Open(std::size_t server, std::size_t* slot, bool* connected) {
  if (open_ >= options_.max) return Opened::kNoRoom;
  const Target& target = servers_[server].target;
  base::Fd fd(socket(target.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return IsShortage(errno) ? Opened::kNoRoom : Opened::kRefused;
  SetOptions(fd.get(), options_.keep);
  const auto* address = reinterpret_cast<const sockaddr*>(&target.address);
  *connected = connect(fd.get(), address, target.address_size) == 0;
  if (!*connected && errno != EINPROGRESS) {
    return IsShortage(errno) ? Opened::kNoRoom : Opened::kRefused;
  }
  *slot = free_.back();
  Connection& connection = connections_[*slot];
  // Registered behind connect(): before it, epoll would report the socket as hung up.
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {}};
  event.data.u64 = std::uint64_t{connection.generation} << 32 | *slot;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd.get(), &event) != 0) return Opened::kNoRoom;
  free_.pop_back();
  connection.fd = std::move(fd);
  connection.target = server;
  connection.used = false;
  ++servers_[server].open;
  ++open_;
  return Opened::kYes;
}

void Connections::Send(const Request& request) { Hand(request); }

// A request that was offered before and goes out once more ends as a failure.
void Connections::NotHanded(const Request& request, void (Tallies::*count)(std::size_t),
                            const char* why) {
  if (request.offered) {
    tallies_.Failed(request.phase, why);
  } else {
    (tallies_.*count)(request.phase);
  }
}

void Connections::Hand(Request request) {
  const Nanos now = Now();
  const auto server = ChooseServer(now);
  if (!server) return NotHanded(request, &Tallies::NoTarget, "no target is left");
  // A second try takes a fresh connection: who closed one idle connection closes others as well.
  const bool fresh = request.retried && open_ < options_.max;
  std::size_t slot = fresh ? kNoSlot : IdleFor(*server);
  State state = State::kSending;
  if (slot != kNoSlot) {
    servers_[connections_[slot].target].idle.Remove(slot, &links_);
  } else {
    bool connected = false;
    const Opened opened = Open(*server, &slot, &connected);
    if (opened == Opened::kNoRoom) {
      return NotHanded(request, &Tallies::NoConnection, "no connection is left for another try");
    }
    if (opened == Opened::kRefused) slot = kNoSlot;
    if (!connected) state = State::kConnecting;
  }
  if (!request.offered) {
    request.offered = true;
    request.sent_at = now;
    tallies_.Offered(request.phase, now - request.due);
  }
  if (slot == kNoSlot) {
    servers_[*server].rests_until = now + options_.pass_over_for;
    return tallies_.Failed(request.phase, servers_[*server].target.name + ": " + strerror(errno));
  }
  Begin(slot, state, request);
}

void Connections::Begin(std::size_t slot, State state, const Request& request) {
  Connection& connection = connections_[slot];
  connection.state = state;
  connection.written = 0;
  connection.request = request;
  connection.answer.Reset();
  ++servers_[connection.target].in_flight;
  ++in_flight_;
  // A second try was sent earlier than the last in the list: it keeps its place in time.
  std::size_t place = busy_.last();
  while (place != kNoSlot && connections_[place].request.sent_at > request.sent_at) {
    place = links_[place].before;
  }
  busy_.InsertBehind(place, slot, &links_);
  if (state == State::kSending) Write(slot);
}

void Connections::LeaveBusy(std::size_t slot) {
  busy_.Remove(slot, &links_);
  --servers_[connections_[slot].target].in_flight;
  --in_flight_;
}

void Connections::Close(std::size_t slot) {
  Connection& connection = connections_[slot];
  Server& server = servers_[connection.target];
  if (connection.state == State::kIdle) {
    server.idle.Remove(slot, &links_);
  } else {
    LeaveBusy(slot);
  }
  connection.fd = base::Fd();
  connection.state = State::kFree;
  ++connection.generation;
  --server.open;
  --open_;
  free_.push_back(slot);
}

std::optional<Nanos> Connections::NextExpiry() const {
  if (busy_.empty()) return std::nullopt;
  return connections_[busy_.first()].request.sent_at + options_.timeout;
}

void Connections::Expire() {
  const Nanos now = Now();
  while (!busy_.empty() && *NextExpiry() <= now) {
    const std::size_t slot = busy_.first();
    tallies_.TimedOut(connections_[slot].request.phase);
    Close(slot);
  }
}

void Connections::Abandon() {
  while (!busy_.empty()) {
    const std::size_t slot = busy_.first();
    tallies_.Unfinished(connections_[slot].request.phase);
    Close(slot);
  }
}

}  // namespace load
