#include "sidecar/options.h"

#include <gtest/gtest.h>

#include <chrono>

#include "sidecar/options_fleet.h"

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

TEST(Options, DefaultsOfWaitsAndBoundsAreTheOnesOfTheManual) {
  const auto options = Parse({"--target-pid", "7"});
  ASSERT_TRUE(options.ok()) << options.error().message;
  EXPECT_EQ((*options)->history_days, 400);
  EXPECT_EQ((*options)->history_transitions, 1'000'000);
  EXPECT_EQ((*options)->history_megabytes, 500);
  EXPECT_EQ((*options)->retry.first, std::chrono::seconds(2));
  EXPECT_EQ((*options)->retry.longest, std::chrono::minutes(5));
  EXPECT_EQ((*options)->retry.give_up, std::chrono::hours(24));
  EXPECT_EQ((*options)->remind_every, base::Millis(0)) << "never";
  EXPECT_EQ((*options)->storm_above, 30);
  EXPECT_EQ((*options)->hold, std::chrono::seconds(20));
}

TEST(Options, DefaultsOfTheAlertmanagersAreTheOnesOfTheManual) {
  const auto options = Parse({"--target-pid", "7"});
  ASSERT_TRUE(options.ok()) << options.error().message;
  EXPECT_EQ((*options)->alertmanager_urls, std::vector<std::string>());
  EXPECT_EQ((*options)->alertmanager_receiver, "fraud-sidecar");
  EXPECT_EQ((*options)->alertmanager_source, "default");
  EXPECT_EQ((*options)->reconcile_every, std::chrono::minutes(1));
  EXPECT_EQ((*options)->alertmanager_settle, std::chrono::minutes(5));
  EXPECT_EQ((*options)->watchdog_timeout, std::chrono::minutes(10));
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

struct Case {
  std::vector<const char*> words;
  std::string mistake;  // "": none
};

TEST(Options, DurationsThatMakeNoSenseNameTheirBound) {
  const std::vector<Case> cases = {
      {{"--watchdog-timeout", "9999ms"},
       "--watchdog-timeout: 9999ms is shorter than 10s; 0 is never"},
      {{"--watchdog-timeout", "10s"}, ""},
      {{"--watchdog-timeout", "0s"}, ""},
      {{"--watchdog-timeout", "0"}, ""},
      {{"--remind-every", "59s"}, "--remind-every: 59s is shorter than 1m; 0 is never"},
      {{"--remind-every", "1m"}, ""},
      {{"--remind-every", "0s"}, ""},
      {{"--remind-every", "0"}, ""},
      {{"--remind-every", "60"},
       "--remind-every: \"60\" is not a duration from 0s to 168h, such as 15s or 5m (from the "
       "command line)"},
      {{"--retry-first", "6m"}, "--retry-first: 6m is longer than --retry-longest, 5m"},
      {{"--retry-first", "3s", "--retry-longest", "2s"},
       "--retry-first: 3s is longer than --retry-longest, 2s"},
      {{"--retry-first", "2s", "--retry-longest", "2s"}, ""},
      {{"--retry-first", "2m", "--retry-for", "1m"},
       "--retry-first: 2m is longer than --retry-for, 1m: there would be one try"},
      {{"--retry-first", "1m", "--retry-for", "1m"}, ""},
  };
  for (const auto& [words, mistake] : cases) {
    EXPECT_EQ(Mistake(words), mistake) << words[0] << " " << words[1];
  }
}

TEST(Options, AHoldLeavesTimeToAskAndToSend) {
  const auto mistake = [](const char* position, std::vector<const char*> more) {
    std::vector<const char*> words{
        "--peer",     "http://a:1",        "--peer", "http://b:1", "--peer",
        "http://c:1", "--peer-token-file", "f",      "--position", position};
    words.insert(words.end(), more.begin(), more.end());
    return Mistake(words);
  };
  EXPECT_EQ(mistake("1", {"--hold", "1999ms"}),
            "--hold: \"1999ms\" is not a duration from 2s to 10m, such as 15s or 5m (from the "
            "command line)");
  EXPECT_EQ(mistake("1", {"--hold", "2s"}), "");
  const std::vector<const char*> late{"--hold", "10m", "--retry-for", "20m"};
  EXPECT_EQ(mistake("1", late), "");
  EXPECT_EQ(mistake("2", late),
            "--hold: at --position 2 it makes a wait of 20m, but --retry-for gives a message up "
            "after 20m");
}

// An Alertmanager that began anew lists nothing until Prometheus has told it what fires: what
// three polls lack after --alertmanager-settle ends.
TEST(Options, PollsThatEndBeforePrometheusToldAnewAreDoubtful) {
  const auto doubts = [](std::vector<const char*> words) {
    const auto options = Parse(std::move(words));
    return options ? Doubts(**options) : std::vector<std::string>{options.error().message};
  };
  const std::vector<const char*> quick{"--alertmanager-settle", "10s", "--reconcile-every", "54s"};
  EXPECT_EQ(doubts(quick), std::vector<std::string>()) << "nobody is asked";
  std::vector<const char*> asked = quick;
  asked.insert(asked.end(), {"--alertmanager-url", "http://a:1"});
  const auto found = doubts(asked);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].starts_with("--alertmanager-settle: 10s and two more polls")) << found[0];
  asked[3] = "55s";
  EXPECT_EQ(doubts(asked), std::vector<std::string>());
  EXPECT_EQ(doubts({"--alertmanager-url", "http://a:1"}), std::vector<std::string>());
}

}  // namespace
}  // namespace sidecar
