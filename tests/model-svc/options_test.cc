#include "model-svc/options.h"

#include <gtest/gtest.h>

#include "tests/support/environment.h"

namespace model {
namespace {

base::Result<std::optional<Options>> Parse(std::vector<const char*> words) {
  words.insert(words.begin(), "fraud-model");
  return ParseOptions(static_cast<int>(words.size()), words.data());
}

TEST(Options, DefaultsAreThePortsOfTheContract) {
  const auto options = Parse({});
  ASSERT_TRUE(options.ok()) << options.error().message;
  EXPECT_EQ((*options)->http.port, 8080);
  EXPECT_EQ((*options)->admin.port, 8081);
  EXPECT_EQ((*options)->http.max_connections, 256);
  EXPECT_EQ((*options)->http.backlog, 128);
  EXPECT_EQ((*options)->http.max_connections_per_ip, 0);
  EXPECT_EQ((*options)->http.max_header_bytes, 4'096);
  EXPECT_FALSE((*options)->reset_terminal_id.has_value());
  EXPECT_FALSE((*options)->stress);
}

TEST(Options, TheLimitsOfThePublicPortAreNotThoseOfTheAdminPort) {
  const auto options = Parse(
      {"--max-connections", "7", "--message-deadline", "250ms", "--max-header-bytes", "16384"});
  ASSERT_TRUE(options.ok()) << options.error().message;
  EXPECT_EQ((*options)->http.max_connections, 7);
  EXPECT_EQ((*options)->http.max_header_bytes, 16'384);
  EXPECT_EQ((*options)->admin.max_header_bytes, 4'096);
  EXPECT_EQ((*options)->http.message_deadline, base::Millis(250));
  EXPECT_NE((*options)->admin.max_connections, 7);
  EXPECT_NE((*options)->admin.message_deadline, base::Millis(250));
}

TEST(Options, TheEnvironmentSetsWhatNoFlagDoes) {
  const support::Environment environment{{"FRAUD_RESET_TERMINAL_ID", "13"}};
  const auto options = Parse({});
  ASSERT_TRUE(options.ok()) << options.error().message;
  EXPECT_EQ((*options)->reset_terminal_id, 13);
}

TEST(Options, MistakesNameTheirFlag) {
  const std::vector<std::pair<std::vector<const char*>, std::string>> cases = {
      {{"--listen", "8080"}, "--listen: \"8080\" is not ADDRESS:PORT"},
      {{"--admin-listen", "a:65536"}, "--admin-listen: \"a:65536\""},
      {{"--threads", "0"}, "--threads"},
      {{"--max-connections", "x"}, "--max-connections"},
      {{"--max-header-bytes", "1023"}, "--max-header-bytes"},
      {{"--max-header-bytes", "16385"}, "--max-header-bytes"},
      {{"--reset-terminal-id", "-1"}, "--reset-terminal-id"},
      {{"--idle-timeout", "5"}, "--idle-timeout"},
  };
  for (const auto& [words, expected] : cases) {
    const auto options = Parse(words);
    ASSERT_FALSE(options.ok()) << expected;
    EXPECT_NE(options.error().message.find(expected), std::string::npos) << options.error().message;
  }
}

}  // namespace
}  // namespace model
