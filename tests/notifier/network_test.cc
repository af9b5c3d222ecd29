#include "notifier/network.h"

#include <gtest/gtest.h>

namespace notifier {
namespace {

const SendResult kAnswered{.outcome = Outcome::kTemporary, .code = 451, .detail = "busy"};
const SendResult kUnreached{
    .outcome = Outcome::kTemporary, .detail = "could not resolve", .unreached = true};

class NetworkTest : public testing::Test {
 protected:
  bool Exported(const std::string& line) {
    return metrics.Text().find("\n" + line + "\n") != std::string::npos;
  }

  bool route = true;
  base::Metrics metrics;
  Network network{{"email", "telegram"}, [this] { return route; }, &metrics};
};

TEST_F(NetworkTest, UnknownIsNeverZero) {
  EXPECT_EQ(metrics.Text().find("fraud_sidecar_network_up "), std::string::npos);
}

TEST_F(NetworkTest, WithoutAWayOutThereIsNone) {
  route = false;
  EXPECT_TRUE(network.IsDown("email", kUnreached));
  EXPECT_TRUE(Exported("fraud_sidecar_network_up 0"));
  route = true;
  EXPECT_FALSE(network.IsDown("email", kUnreached));
  EXPECT_TRUE(Exported("fraud_sidecar_network_up 1"));
}

TEST_F(NetworkTest, AServerThatAnswersIsNoWitness) {
  route = false;  // a server on this machine, or beside it
  EXPECT_FALSE(network.IsDown("email", kAnswered));
}

TEST_F(NetworkTest, ATryWithoutAnAnswerTellsNothing) {
  const SendResult silent{.outcome = Outcome::kTemporary, .detail = "timed out"};
  EXPECT_FALSE(network.IsDown("email", silent));
  EXPECT_EQ(metrics.Text().find("fraud_sidecar_network_up "), std::string::npos);
  route = false;
  EXPECT_TRUE(network.IsDown("email", kUnreached));
  EXPECT_FALSE(network.IsDown("email", silent));
  EXPECT_TRUE(Exported("fraud_sidecar_network_up 0"));
  route = true;
  EXPECT_FALSE(network.IsDown("email", silent));
  EXPECT_TRUE(Exported("fraud_sidecar_network_up 1"));
}

TEST_F(NetworkTest, ANameThatOneChannelCannotResolveIsThatChannels) {
  EXPECT_FALSE(network.IsDown("telegram", kAnswered));
  EXPECT_FALSE(network.IsDown("email", kUnreached));
  EXPECT_FALSE(network.IsDown("email", kUnreached));
  EXPECT_TRUE(Exported("fraud_sidecar_network_up 1"));
}

TEST_F(NetworkTest, WhenEveryChannelReachesNobodyItIsOurs) {
  EXPECT_FALSE(network.IsDown("email", kUnreached));
  EXPECT_TRUE(network.IsDown("telegram", kUnreached));
  EXPECT_TRUE(network.IsDown("email", kUnreached));
  EXPECT_FALSE(network.IsDown("email", kAnswered));
  EXPECT_FALSE(network.IsDown("telegram", kUnreached));
}

TEST_F(NetworkTest, AnOnlyChannelIsNoWitnessOfItself) {
  base::Metrics own;
  Network alone(
      {"email"}, [] { return true; }, &own);
  EXPECT_FALSE(alone.IsDown("email", kUnreached));
}

}  // namespace
}  // namespace notifier
