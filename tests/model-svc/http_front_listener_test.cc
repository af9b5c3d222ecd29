#include "model-svc/http_front_listener.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "tests/support/raw_client.h"

namespace model::http_front {
namespace {

// Whether a connection that is begun now is made within a while.
bool Connects(int port) {
  const base::Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<in_port_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  (void)connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to);
  pollfd polled = {.fd = fd.get(), .events = POLLOUT, .revents = 0};
  return poll(&polled, 1, 200) == 1;
}

TEST(RefuseHandshakes, LetsNobodyInAndKeepsWhoIsInTheQueue) {
  const auto listener = Listen("127.0.0.1", 0, 8);
  ASSERT_TRUE(listener.ok()) << listener.error().message;
  const support::RawClient before(PortOf(*listener));
  ASSERT_TRUE(before.connected());
  ASSERT_TRUE(Connects(PortOf(*listener)));
  RefuseHandshakes(*listener);
  EXPECT_FALSE(Connects(PortOf(*listener)));
  const base::Fd accepted(accept(listener->get(), nullptr, nullptr));
  EXPECT_TRUE(accepted.valid());
  EXPECT_TRUE(before.Send("its bytes pass"));
  pollfd polled = {.fd = accepted.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&polled, 1, 20'000), 1);
}

}  // namespace
}  // namespace model::http_front
