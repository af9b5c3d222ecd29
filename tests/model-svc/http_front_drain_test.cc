#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/model-svc/http_front_fixture.h"
#include "tests/support/gate.h"

namespace model {
namespace {

using support::RawClient;

const std::string kHello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

// What a client saw in one run against a front that stops.
struct Tally {
  std::atomic<int> answered = 0;
  std::atomic<int> lost = 0;
};

bool IsWhole(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nhello\n");
}

class HttpFrontDrain : public HttpFrontTest {
 protected:
  // A new connection for each request, until no more can be made.
  void AskAnew(Tally* tally) {
    for (;;) {
      RawClient client(front_->port());
      if (!client.connected()) return;
      client.Send(kHello);
      ++(IsWhole(client.ReadAnswer()) ? tally->answered : tally->lost);
      started_.Pass();
    }
  }

  // One connection for all requests, until the server says that it closes, then the next one.
  void AskAgain(Tally* tally) {
    for (;;) {
      RawClient client(front_->port());
      if (!client.connected()) return;
      for (bool last = false; !last;) {
        client.Send(kHello);
        const std::string answer = client.ReadAnswer();
        ++(IsWhole(answer) ? tally->answered : tally->lost);
        last = !IsWhole(answer) || Has(answer, "\r\nConnection: close\r\n");
        started_.Pass();
      }
    }
  }

  support::Gate started_;
};

TEST_F(HttpFrontDrain, LosesNoAnswer) {
  constexpr int kRounds = 3;
  for (int round = 0; round < kRounds; ++round) {
    options_.max_connections = 8;
    options_.shed_connections = 0;  // so that some wait in the kernel's queue when it begins
    options_.threads = 1 + round % 2;
    Serve();
    Tally tally;
    {
      std::vector<std::jthread> clients;
      for (int i = 0; i < 6; ++i) {
        clients.emplace_back([&] { AskAnew(&tally); });
        clients.emplace_back([&] { AskAgain(&tally); });
      }
      EXPECT_TRUE(started_.Wait(started_.passed() + 200));
      front_->Stop();
    }
    EXPECT_GE(tally.answered, 200);
    EXPECT_EQ(tally.lost, 0) << "in round " << round;
  }
}

TEST_F(HttpFrontDrain, AnswersWhoHadConnectedBeforeAndIsSlowToAsk) {
  Serve();
  Client fresh(front_->port());
  Client kept(front_->port());
  EXPECT_TRUE(IsUsable(&kept));
  Client half(front_->port());
  half.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
  ASSERT_TRUE(Becomes("http_connections", "3"));
  std::jthread stopping([this] { front_->Stop(); });
  std::string answer;
  while (!Has(answer, "\r\nConnection: close\r\n")) {  // until the drain has begun
    kept.Send(kHello);
    answer = kept.ReadAnswer();
    ASSERT_EQ(BodyOf(answer), "hello\n");
  }
  fresh.Send(kHello);
  answer = fresh.ReadToEnd();
  EXPECT_EQ(BodyOf(answer), "hello\n");
  EXPECT_TRUE(Has(answer, "\r\nConnection: close\r\n")) << answer;
  half.Send("cd");
  EXPECT_EQ(BodyOf(half.ReadToEnd()), "abcd");
}

TEST_F(HttpFrontDrain, ClosesIdleConnectionsInOrder) {
  Serve();
  Client idle(front_->port());
  ASSERT_TRUE(Becomes("http_connections", "1"));
  front_->Stop();
  EXPECT_EQ(idle.ReadToEnd(), "");
  EXPECT_TRUE(idle.ended());
}

TEST_F(HttpFrontDrain, EndsAtItsDeadline) {
  options_.drain_deadline = base::Millis{150};
  Serve();
  Client stuck(front_->port());
  stuck.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
  ASSERT_TRUE(Becomes("http_connections", "1"));
  front_->Stop();  // message_deadline is a minute
  EXPECT_EQ(stuck.ReadToEnd(), "");
  front_->Stop();
}

TEST_F(HttpFrontDrain, AFrontThatWasNeverStartedStops) {
  auto bound = HttpFront::Bind(options_, routes_);
  ASSERT_TRUE(bound.ok());
  Client waiting((*bound)->port());
  EXPECT_TRUE(waiting.connected());
  (*bound)->Stop();
}

}  // namespace
}  // namespace model
