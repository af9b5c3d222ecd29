#include "base/route.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/file.h"

namespace base {
namespace {

constexpr int kPort = 53;  // any: connecting a datagram socket only looks up the route

bool Connects(int family, const sockaddr* address, socklen_t size) {
  const Fd fd(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return fd.valid() && connect(fd.get(), address, size) == 0;
}

}  // namespace

// Addresses that are routed like any other, and that nobody uses as their own net.
bool HasRoute() {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(kPort);
  inet_pton(AF_INET, "8.8.8.8", &v4.sin_addr);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(kPort);
  inet_pton(AF_INET6, "2001:4860:4860::8888", &v6.sin6_addr);
  return Connects(AF_INET, reinterpret_cast<const sockaddr*>(&v4), sizeof v4) ||
         Connects(AF_INET6, reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
}

}  // namespace base
