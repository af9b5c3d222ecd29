#include "base/service.h"

#include <gtest/gtest.h>

#include <thread>

namespace base {
namespace {

TEST(ParseListen, TakesAnAddressAndAPort) {
  std::string address;
  int port = -1;
  ASSERT_TRUE(ParseListen("127.0.0.1:8080", &address, &port));
  EXPECT_EQ(address, "127.0.0.1");
  EXPECT_EQ(port, 8080);
  ASSERT_TRUE(ParseListen("[::1]:0", &address, &port));
  EXPECT_EQ(address, "::1");
  EXPECT_EQ(port, 0);
}

TEST(ParseListen, WritesNothingOnAnythingElse) {
  std::string address = "before";
  int port = 7;
  for (const char* text : {"", "8080", ":8080", "a:", "a:b", "a:-1", "a:65536", "a:80 ", "a: 80"}) {
    EXPECT_FALSE(ParseListen(text, &address, &port)) << text;
  }
  EXPECT_EQ(address, "before");
  EXPECT_EQ(port, 7);
}

TEST(StopSignals, WaitReturnsTheSignalThatCame) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    int came = 0;
    // Blocked in a thread of its own, so that the other tests' threads stay as they are.
    std::thread thread([&] {
      const StopSignals signals;
      raise(signal);  // to this thread
      came = signals.Wait();
    });
    thread.join();
    EXPECT_EQ(came, signal);
  }
}

}  // namespace
}  // namespace base
