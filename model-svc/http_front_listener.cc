#include "model-svc/http_front_listener.h"

#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>

namespace model::http_front {
namespace {

base::Error WhyNot(const std::string& where, int problem) {
  if (problem == EADDRINUSE) return {base::ErrorCode::kBusy, where + ": the port is taken"};
  if (problem == EACCES) return base::ErrnoError(where, problem);
  return {base::ErrorCode::kInvalid, where + ": is not an address of this machine to listen on"};
}

bool BindAndListen(const base::Fd& fd, const addrinfo& to, int backlog) {
  const int yes = 1;  // a port whose last connections are in TIME_WAIT is free
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  return bind(fd.get(), to.ai_addr, to.ai_addrlen) == 0 && listen(fd.get(), backlog) == 0;
}

}  // namespace

base::Result<base::Fd> Listen(const std::string& address, int port, int backlog) {
  const std::string service = std::to_string(port);
  const std::string where = address + ":" + service;
  addrinfo hints = {};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.c_str(), service.c_str(), &hints, &found) != 0) return WhyNot(where, 0);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  base::Fd fd(socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid() || !BindAndListen(fd, *found, backlog)) return WhyNot(where, errno);
  return fd;
}

int PortOf(const base::Fd& listener) {
  sockaddr_storage own = {};
  socklen_t size = sizeof own;
  if (getsockname(listener.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0) return 0;
  // The port is at the same place in an address of IPv6.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&own)->sin_port);
}

void RefuseHandshakes(const base::Fd& listener) {
  // A classic BPF program; it sees the segment from its TCP header on. RFC 9293 3.1: byte 13 holds
  // the flags, SYN is 2.
  std::array<sock_filter, 4> program = {{
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),            // drop
      BPF_STMT(BPF_RET | BPF_K, 0xffffffffU),  // keep all of it
  }};
  const sock_fprog filter = {.len = program.size(), .filter = program.data()};
  setsockopt(listener.get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

}  // namespace model::http_front
