#include "bench/load/connections.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>

#include <future>

#include "tests/load/crowd_server.h"
#include "tests/support/manual_clock.h"

namespace load {
namespace {

using base::Millis;
using support::Peer;

// Connections with one row, a clock that only the test moves, and an epoll to pump.
class ConnectionsTest : public testing::Test {
 protected:
  Connections& Make(const std::vector<std::string>& targets, ConnectionOptions options = {}) {
    connections_ = std::make_unique<Connections>(options, epoll_.get(), &rows_, &tallies_, &clock_,
                                                 clock_.Steady());
    connections_->SetTargets(ResolveAll(targets).value());
    return *connections_;
  }
  void Send() {
    tallies_.Scheduled(0);
    connections_->Send({.number = number_++, .due = clock_.Steady() - start_});
  }
  // Handles events until `done`; gives up after 20 s.
  template <typename Done>
  void PumpUntil(Done done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done() && std::chrono::steady_clock::now() < end) {
      epoll_event events[16];
      const int count = epoll_wait(epoll_.get(), events, 16, 100);
      for (int i = 0; i < count; ++i) connections_->OnEvent(events[i].data.u64, events[i].events);
    }
    EXPECT_TRUE(done());
  }
  void PumpUntilQuiet() {
    PumpUntil([this] { return connections_->in_flight() == 0; });
  }
  [[nodiscard]] const PhaseTally& Tally() const { return tallies_.phases().at(0); }
  [[nodiscard]] const Counts& Counted() const { return Tally().counts; }

  const std::vector<Row> rows_ =
      ParseRows(R"({"kind": "normal", "transaction": {"tx_amount": 5}})", false).value();
  support::ManualClock clock_;
  const base::SteadyTime start_ = clock_.Steady();
  const base::Fd epoll_{epoll_create1(EPOLL_CLOEXEC)};
  Tallies tallies_{{{.target_rps = 1, .duration = Millis(1000)}}, Millis(100)};
  std::unique_ptr<Connections> connections_;
  std::uint64_t number_ = 0;
};

// Answers every request of a connection with `status`.
CrowdServer::Script Always(int status) {
  return [status](Peer& peer, int) {
    while (!HearRequest(&peer).empty()) peer.Write(AnswerOf(status));
  };
}

TEST_F(ConnectionsTest, AKeptConnectionCarriesRequestAfterRequest) {
  std::promise<std::string> first;
  const CrowdServer server([&](Peer& peer, int) {
    first.set_value(HearRequest(&peer));
    peer.Write(AnswerOf(200));
    Always(422)(peer, 0);
  });
  Make({server.name()});
  for (int i = 0; i < 3; ++i) {
    Send();
    clock_.Advance(Millis(3));
    PumpUntilQuiet();
  }
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(Counted().answered, 3U);
  EXPECT_EQ(Counted().sent, 3U);
  EXPECT_EQ(Tally().codes.at(200), 1U);
  EXPECT_EQ(Tally().codes.at(422), 2U);
  EXPECT_EQ(Tally().from_send.Max(), Millis(3));
  const std::string request = first.get_future().get();
  EXPECT_EQ(request.substr(0, 22), "POST /predict HTTP/1.1") << request;
  EXPECT_NE(request.find("\nHost: " + server.name() + "\n"), std::string::npos) << request;
  EXPECT_NE(request.find("\n\n{\"transaction_id\":1000000000,\"tx_amount\":5}"), std::string::npos);
}

TEST_F(ConnectionsTest, ANewConnectionForEachRequest) {
  const CrowdServer server([](Peer& peer, int) {
    const bool asked = HearRequest(&peer).find("\nConnection: close\n") != std::string::npos;
    peer.Write(AnswerOf(asked ? 200 : 500, "Connection: close\r\n"));
  });
  Make({server.name()}, {.keep = false});
  for (int i = 0; i < 3; ++i) Send();
  PumpUntilQuiet();
  EXPECT_EQ(Tally().codes.at(200), 3U);
  EXPECT_EQ(server.connections(), 3);
  EXPECT_EQ(connections_->open(), 0U);
}

TEST_F(ConnectionsTest, AnIdleConnectionThatTheServerClosedIsNoFailure) {
  const CrowdServer server([](Peer& peer, int connection) {
    EXPECT_FALSE(HearRequest(&peer).empty());
    peer.Write(AnswerOf(200));
    if (connection > 0) Always(200)(peer, 0);
  });
  Make({server.name()});
  Send();
  PumpUntilQuiet();
  server.WaitForAnEnd();
  Send();  // epoll has not been asked: the request goes to the dead connection first
  PumpUntilQuiet();
  EXPECT_EQ(server.connections(), 2);
  EXPECT_EQ(Counted().answered, 2U);
  EXPECT_EQ(Counted().offered, 2U);
  EXPECT_EQ(Counted().sent, 2U);
  EXPECT_EQ(Counted().failed, 0U);
}

TEST_F(ConnectionsTest, AConnectionThatBreaksBeforeItsFirstAnswerIsAFailure) {
  const CrowdServer server([](Peer& peer, int) { HearRequest(&peer); });
  Make({server.name()});
  Send();
  PumpUntilQuiet();
  EXPECT_EQ(Counted().failed, 1U);
  EXPECT_EQ(server.connections(), 1);
  EXPECT_NE(tallies_.last_failure().find("without an answer"), std::string::npos)
      << tallies_.last_failure();
}

TEST_F(ConnectionsTest, NonsenseInsteadOfAnAnswerIsAFailure) {
  const CrowdServer server([](Peer& peer, int) {
    HearRequest(&peer);
    peer.Write("220 hello\r\n\r\n");
    peer.Hang();
  });
  Make({server.name()});
  Send();
  PumpUntilQuiet();
  EXPECT_EQ(Counted().failed, 1U);
  EXPECT_EQ(connections_->open(), 0U);
}

TEST_F(ConnectionsTest, WhoDoesNotAnswerInTimeIsGivenUp) {
  const CrowdServer server([](Peer& peer, int) { peer.Hang(); });
  Make({server.name()}, {.timeout = Millis(2000)});
  Send();
  clock_.Advance(Millis(500));
  Send();
  clock_.Advance(Millis(1499));
  connections_->Expire();
  EXPECT_EQ(Counted().timed_out, 0U);
  EXPECT_EQ(connections_->NextExpiry(), Millis(2000));
  clock_.Advance(Millis(1));
  connections_->Expire();
  EXPECT_EQ(Counted().timed_out, 1U);
  EXPECT_EQ(connections_->open(), 1U);
  connections_->Abandon();
  EXPECT_EQ(Counted().unfinished, 1U);
  EXPECT_EQ(connections_->open(), 0U);
}

TEST_F(ConnectionsTest, MoreThanTheConnectionsIsNotSent) {
  const CrowdServer server([](Peer& peer, int) { peer.Hang(); });
  Make({server.name()}, {.max = 2});
  for (int i = 0; i < 5; ++i) Send();
  EXPECT_EQ(Counted().offered, 2U);
  EXPECT_EQ(Counted().no_connection, 3U);
  connections_->Abandon();
}

TEST_F(ConnectionsTest, RequestsGoToTheTargetWithTheFewestUnderWay) {
  const CrowdServer hanging([](Peer& peer, int) { peer.Hang(); });
  const CrowdServer quick(Always(200));
  Make({hanging.name(), quick.name()});
  for (int i = 0; i < 6; ++i) {
    Send();
    PumpUntil([&] { return connections_->in_flight() <= 1; });
  }
  PumpUntil([&] { return hanging.connections() > 0; });
  EXPECT_EQ(hanging.connections(), 1);
  EXPECT_EQ(Counted().answered, 5U);
  connections_->Abandon();
}

TEST_F(ConnectionsTest, AJoinedTargetIsUsedAndOneThatLeftIsNot) {
  const CrowdServer one(Always(200));
  const CrowdServer two(Always(422));
  Make({one.name()}, {.max = 1});
  Send();
  PumpUntilQuiet();
  connections_->SetTargets(ResolveAll({one.name(), two.name()}).value());
  Send();  // its first connection takes the room of an idle one
  PumpUntilQuiet();
  EXPECT_EQ(Tally().codes.at(422), 1U);
  connections_->SetTargets(ResolveAll({one.name()}).value());
  EXPECT_EQ(connections_->open(), 0U);
  Send();
  PumpUntilQuiet();
  EXPECT_EQ(Tally().codes.at(200), 2U);
  connections_->SetTargets({});
  Send();
  EXPECT_EQ(Counted().no_target, 1U);
}

TEST_F(ConnectionsTest, ATargetThatRefusesIsPassedOverWhileThereIsAnother) {
  std::string refusing;
  {
    const CrowdServer gone(Always(200));
    refusing = gone.name();
  }
  const CrowdServer server(Always(200));
  Make({refusing, server.name()});
  for (int i = 0; i < 6; ++i) {
    Send();
    PumpUntilQuiet();
  }
  EXPECT_EQ(Counted().failed, 1U);
  EXPECT_EQ(Counted().answered, 5U);
  EXPECT_NE(tallies_.last_failure().find("refused"), std::string::npos) << tallies_.last_failure();
  clock_.Advance(Millis(600));
  for (int i = 0; i < 2; ++i) {
    Send();
    PumpUntilQuiet();
  }
  EXPECT_EQ(Counted().failed, 2U);
}

}  // namespace
}  // namespace load
