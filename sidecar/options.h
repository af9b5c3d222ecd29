#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http_server.h"
#include "base/service.h"
#include "notifier/backoff.h"
#include "notifier/email/email_channel.h"
#include "notifier/telegram/telegram_channel.h"
#include "sidecar/cgroup/target.h"

namespace sidecar {

// Everything a run of fraud-sidecar is told. `--help` describes each.
struct Options {
  base::HttpServerOptions http;
  std::string database = "/var/lib/fraud-sidecar/history.db";
  std::string name;  // of this sidecar, in messages
  std::string public_url;

  std::string webhook_token_file;
  std::string query_token_file;
  std::string write_token_file;

  cgroup::TargetSpec target;
  std::optional<double> cpu_limit_cores;
  base::Millis sample_interval{1'000};
  std::optional<int> replicas_max;

  std::vector<std::string> notify_severities{"critical"};
  std::vector<std::string> mail_to;
  std::optional<notifier::EmailOptions> email;        // set when there is a --mail-to
  std::vector<std::string> telegram_chats;            // as notifier::ParseChat takes them
  std::optional<notifier::TelegramOptions> telegram;  // set when there is a --telegram-chat
  notifier::RetryPolicy retry;
  base::Millis remind_every{0};  // 0: never
  int storm_above = 30;          // transitions a minute

  // Where alerts come from, to ask what fires. Empty: nobody is asked.
  std::vector<std::string> alertmanager_urls;
  std::string alertmanager_receiver = "fraud-sidecar";
  std::string alertmanager_source = "default";  // the name bound to their webhook token
  base::Millis reconcile_every{60'000};
  base::Millis alertmanager_settle{5 * 60'000};
  base::Millis watchdog_timeout{10 * 60'000};  // 0: never

  // The sidecars that share one history with this one: all of them, in order. Empty: it is alone.
  std::vector<std::string> peers;
  std::optional<int> position;  // of this one among them
  std::string peer_token_file;
  base::Millis hold{20'000};

  int history_days = 400;
  int history_transitions = 1'000'000;
  int history_megabytes = 500;
  base::LogOptions log;
};

// nullopt: --help or --version was printed. kInvalid: all mistakes, one a line, each naming its
// flag.
base::Result<std::optional<Options>> ParseOptions(int argc, const char* const* argv);

}  // namespace sidecar
