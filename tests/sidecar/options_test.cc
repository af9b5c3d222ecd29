#include "sidecar/options.h"

#include <gtest/gtest.h>

namespace sidecar {
namespace {

// The least that starts, and `more`.
base::Result<std::optional<Options>> Parse(std::vector<const char*> more) {
  std::vector<const char*> words{"fraud-sidecar", "--webhook-token-file", "tokens"};
  words.insert(words.end(), more.begin(), more.end());
  return ParseOptions(static_cast<int>(words.size()), words.data());
}

std::string Mistake(std::vector<const char*> more) {
  const auto options = Parse(std::move(more));
  return options ? "" : options.error().message;
}

TEST(Options, DefaultsAreTheOnesOfTheManual) {
  const auto options = Parse({"--target-pid", "7"});
  ASSERT_TRUE(options.ok()) << options.error().message;
  EXPECT_EQ((*options)->target.pid, 7);
  EXPECT_EQ((*options)->http.address, "0.0.0.0");
  EXPECT_EQ((*options)->http.port, 8082);
  EXPECT_EQ((*options)->notify_severities, std::vector<std::string>{"critical"});
  EXPECT_EQ((*options)->sample_interval, base::Millis(1000));
  EXPECT_FALSE((*options)->replicas_max.has_value());
  EXPECT_FALSE((*options)->email.has_value());
}

TEST(Options, MailComesFromItsFlags) {
  const auto options = Parse({"--target-cgroup", "/model", "--mail-to", "a@example.org",
                              "--mail-from", "b@example.org", "--smtp-url",
                              "smtps://u@mail.example.org", "--smtp-password-file", "secret"});
  ASSERT_TRUE(options.ok()) << options.error().message;
  ASSERT_TRUE((*options)->email.has_value());
  EXPECT_EQ((*options)->email->server.tls, base::MailTls::kImplicit);
  EXPECT_EQ((*options)->email->server.port, 465);
  EXPECT_EQ((*options)->email->from, "b@example.org");
}

TEST(Options, TelegramComesFromItsFlags) {
  const auto options = Parse({"--target-pid", "7", "--telegram-chat", "-1001234567890/42",
                              "--telegram-token-file", "bot", "--telegram-api-url",
                              "http://127.0.0.1:8081", "--telegram-silent-severities", "critical"});
  ASSERT_TRUE(options.ok()) << options.error().message;
  ASSERT_TRUE((*options)->telegram.has_value());
  EXPECT_EQ((*options)->telegram_chats, std::vector<std::string>{"-1001234567890/42"});
  EXPECT_EQ((*options)->telegram->token_file, "bot");
  EXPECT_EQ((*options)->telegram->api_url, "http://127.0.0.1:8081");
  EXPECT_EQ((*options)->telegram->silent_severities, std::set<std::string>{"critical"});
  EXPECT_FALSE((*Parse({"--target-pid", "7"}))->telegram.has_value());
}

TEST(Options, SeveritiesMayHaveCommasBetween) {
  const auto options = Parse({"--target-pid", "7", "--notify-severities", "critical, warning"});
  ASSERT_TRUE(options.ok()) << options.error().message;
  EXPECT_EQ((*options)->notify_severities, (std::vector<std::string>{"critical", "warning"}));
}

TEST(Options, APublicUrlHasNoSlashAtItsEnd) {
  EXPECT_EQ((*Parse({"--target-pid", "7", "--public-url", "https://a.example.org/"}))->public_url,
            "https://a.example.org");
}

TEST(Options, MistakesNameTheirFlag) {
  const std::vector<std::pair<std::vector<const char*>, std::string>> cases = {
      {{"--target-pid", "7", "--target-cgroup", "/a"}, "--target-pid, --target-cgroup: give one"},
      {{"--target-cgroup", "/a", "--cpu-source", "proc"},
       "--cpu-source: proc reads no control group"},
      {{"--target-command", "(x"}, "--target-command: \"(x\" is no regular expression"},
      {{"--target-command", "x", "--target-pid", "7"}, "--target-command: finds the target"},
      {{"--isolation", "strict"}, "--cpu-limit-cores: needed with --isolation strict"},
      {{"--isolation", "strict", "--cpu-limit-cores", "1", "--target-command", "x"},
       "--isolation: strict believes no command line"},
      {{"--target-pid", "7", "--listen", "8082"}, "--listen: \"8082\" is not ADDRESS:PORT"},
      {{"--target-pid", "7", "--listen", "a:65536"}, "--listen: \"a:65536\""},
      {{"--target-pid", "7", "--database", ":memory:"}, "--database: needs the name of a file"},
      {{"--target-pid", "7", "--database="}, "--database: "},
      {{"--target-pid", "7", "--public-url", "foo"}, "--public-url: \"foo\""},
      {{"--target-pid", "7", "--mail-to", "a@example.org"}, "--smtp-url: needed with --mail-to"},
      {{"--target-pid", "7", "--smtp-url", "smtp://h"},
       "--mail-to: needed with --smtp-url, else nobody is told"},
      {{"--target-pid", "7", "--mail-to", "a b", "--mail-from", "b@example.org", "--smtp-url",
        "smtp://h"},
       "--mail-to: \"a b\" is not a mail address"},
      {{"--target-pid", "7", "--mail-to", "a@example.org", "--mail-from", "b@example.org",
        "--smtp-url", "smtp://u@h"},
       "--smtp-password-file: needed"},
      {{"--target-pid", "7", "--mail-to", "a@example.org", "--mail-from", "b@example.org",
        "--smtp-url", "smtp://h", "--smtp-password-file", "f"},
       "--smtp-password-file: there is no user"},
      {{"--target-pid", "7", "--telegram-chat", "7"}, "--telegram-token-file: needed"},
      {{"--target-pid", "7", "--notify-severities", ""}, "--notify-severities: \"\""},
      {{"--target-pid", "7", "--notify-severities", "critical;warning"}, "--notify-severities: "},
      {{"--target-pid", "7", "--telegram-silent-severities", "a b"},
       "--telegram-silent-severities: "},
      {{"--target-pid", "7", "--telegram-token-file", "f", "--telegram-chat", "7,8,7"},
       "--telegram-chat: 7 is given twice"},
      {{"--target-pid", "7", "--mail-to", "a@example.org,a@example.org", "--mail-from",
        "b@example.org", "--smtp-url", "smtp://h"},
       "--mail-to: a@example.org is given twice"},
      {{"--target-pid", "7", "--telegram-token-file", "f"}, "--telegram-chat: nobody to tell"},
      {{"--target-pid", "7", "--telegram-token-file", "f", "--telegram-chat", "a b"},
       "--telegram-chat: "},
      {{"--target-pid", "7", "--telegram-token-file", "f", "--telegram-chat", "7",
        "--telegram-api-url", "api.telegram.org"},
       "--telegram-api-url: "},
      {{"--target-pid", "7", "--telegram-token-file", "f", "--telegram-chat", "7",
        "--telegram-api-url", "http://u:p@h"},
       "--telegram-api-url: the URL holds a user part"},
      {{"--target-pid", "7", "--telegram-token-file", "f", "--telegram-chat", "7",
        "--telegram-proxy", "socks4://h:1"},
       "--telegram-proxy: "},
      {{"--target-pid", "7", "--alertmanager-source", "fraud-sidecar"}, "--alertmanager-source: "},
  };
  for (const auto& [words, mistake] : cases) {
    EXPECT_EQ(Mistake(words).substr(0, mistake.size()), mistake);
  }
}

}  // namespace
}  // namespace sidecar
