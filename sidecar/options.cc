#include "sidecar/options.h"

#include <unistd.h>

#include <array>
#include <limits>
#include <utility>

#include "notifier/telegram/chat.h"
#include "sidecar/options_rules.h"

namespace sidecar {
namespace {

using base::Millis;
using base::Settings;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr char kDescription[] =
    "Runs beside one model: measures the CPU of its control group once a second, takes "
    "Alertmanager's webhook, stores every alert as an episode in SQLite before it answers, tells "
    "people by mail and Telegram, tries again until the message is accepted, and answers queries "
    "on "
    "what happened.\n\n"
    "The target is any process or control group. It is measured in its own control group (v1 or "
    "v2); a process that has none of its own, in /proc/PID/stat.";

// What the flags are read into where they are not yet what Options holds.
struct Raw {
  std::string listen = "0.0.0.0:8082";
  std::string cpu_source = "auto";
  std::string smtp_url;
  std::string smtp_tls = "scheme";
  std::string smtp_password_file;
  std::string smtp_ca_file;
  std::string mail_from;
  Millis smtp_timeout = seconds(30);
  Millis smtp_accept_timeout = minutes(10);
  notifier::TelegramOptions telegram;
  std::vector<std::string> silent_severities{"warning", "info"};
};

base::Result<notifier::SmtpServer> SmtpServer(const Raw& raw) {
  return notifier::ParseSmtpUrl(raw.smtp_url, raw.smtp_tls == "scheme" ? "" : raw.smtp_tls);
}

std::string HostName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "fraud-sidecar";
}

void DeclareHttp(Settings* settings, Options* options, Raw* raw) {
  settings->Section("HTTP");
  settings->Add("listen", &raw->listen, "ADDRESS:PORT",
                "where webhook, API and metrics are served; port 0 takes any free one");
  settings->Add("webhook-token-file", &options->webhook_token_file, "FILE",
                "bearer tokens of those who may post alerts, a line each: NAME TOKEN. NAME becomes "
                "the source of the episode");
  settings->Required("webhook-token-file");
  settings->Add("query-token-file", &options->query_token_file, "FILE",
                "bearer tokens of those who may read the history; without it nobody may");
  settings->Add("write-token-file", &options->write_token_file, "FILE",
                "bearer tokens of those who may send a test notification; without it nobody may");
  settings->Add("public-url", &options->public_url, "URL",
                "where people reach this sidecar; makes the link to the episode in a message");
}

void DeclareTarget(Settings* settings, Options* options, Raw* raw) {
  settings->Section("Target");
  settings->Add("target-pid", &options->target.pid, 1, std::numeric_limits<int>::max(),
                "the process to measure; this or --target-cgroup is needed");
  settings->Add(
      "target-cgroup", &options->target.cgroup, "PATH",
      "the control group to measure, as /proc/PID/cgroup shows it; this or --target-pid is "
      "needed");
  settings->AddChoice("cpu-source", &raw->cpu_source, {"auto", "cgroup", "proc"},
                      "where CPU figures come from: auto takes the control group, and "
                      "/proc/PID/stat for a process that has none of its own");
  settings->Add(
      "cpu-limit-cores", &options->cpu_limit_cores, 0, 100'000,
      "the model's CPU limit, where the control group tells none: without any limit there "
      "is no share of it to judge, and no CPU alert can fire");
  settings->Add("sample-interval", &options->sample_interval, Millis(100), seconds(10),
                "time between two measurements");
  settings->Add("replicas-max", &options->replicas_max, 1, 100'000,
                "the autoscaler's maximum, exported as fraud_model_replicas_max");
}

void DeclareHistory(Settings* settings, Options* options) {
  settings->Section("History and log");
  settings->Add("database", &options->database, "FILE",
                "the history, SQLite; never on a network file system");
  base::DeclareLog(settings, &options->log);
}

void DeclareNotification(Settings* settings, Options* options) {
  settings->Section("Notification");
  settings->Add("notify-severities", &options->notify_severities, "SEVERITY",
                "whose alerts are sent to people; every alert is kept in the history");
  settings->Add("retry-first", &options->retry.first, Millis(50), hours(1),
                "wait before the second try; each further one is twice as long");
  settings->Add("retry-longest", &options->retry.longest, Millis(50), hours(6),
                "the longest wait between two tries");
  settings->Add("retry-for", &options->retry.give_up, minutes(1), hours(24 * 14),
                "after that a message expires, visibly");
  settings->Add("name", &options->name, "NAME", "of this sidecar, in messages: the pod");
}

void DeclareTelegram(Settings* settings, Options* options, Raw* raw) {
  notifier::TelegramOptions* telegram = &raw->telegram;
  settings->Section("Telegram");
  settings->Add("telegram-chat", &options->telegram_chats, "CHAT[/TOPIC]",
                "a chat to tell, by its number or as @name; may be repeated");
  settings->Add("telegram-token-file", &telegram->token_file, "FILE",
                "the bot's token alone, read again at each try");
  settings->Add("telegram-api-url", &telegram->api_url, "URL", "of your own Bot API server");
  settings->Add(
      "telegram-proxy", &telegram->proxy, "URL",
      "http://, https:// or socks5h://HOST:PORT; without it what HTTPS_PROXY and NO_PROXY "
      "say holds");
  settings->Add("telegram-ca-file", &telegram->ca_file, "FILE",
                "certificates (PEM) to trust instead of the system's");
  settings->Add("telegram-silent-severities", &raw->silent_severities, "SEVERITY",
                "whose messages come without a sound");
  settings->Add("telegram-timeout", &telegram->timeout, Millis(100), minutes(5),
                "longest wait for the answer to a message; a short one makes repeats");
}

void DeclareMail(Settings* settings, Options* options, Raw* raw) {
  settings->Section("Mail");
  settings->Add("mail-to", &options->mail_to, "ADDRESS", "a mailbox to tell; may be repeated");
  settings->Add("mail-from", &raw->mail_from, "ADDRESS", "the sender");
  settings->Add("smtp-url", &raw->smtp_url, "URL",
                "smtp://[USER@]HOST[:587] with STARTTLS, or smtps://[USER@]HOST[:465]");
  settings->AddChoice("smtp-tls", &raw->smtp_tls, {"scheme", "starttls", "implicit", "none"},
                      "scheme: as the scheme of --smtp-url says; none: in clear, without a user");
  settings->Add("smtp-password-file", &raw->smtp_password_file, "FILE",
                "the password of USER, read again at each try");
  settings->Add("smtp-ca-file", &raw->smtp_ca_file, "FILE",
                "certificates (PEM) to trust instead of the system's");
  settings->Add("smtp-timeout", &raw->smtp_timeout, Millis(100), minutes(10),
                "longest wait for each answer of the server before the message");
  settings->Add("smtp-accept-timeout", &raw->smtp_accept_timeout, Millis(1000), minutes(30),
                "longest wait for the answer to the whole message; a short one makes repeats");
}

// SQLite takes these for a database that is gone with the process.
std::string CheckDatabase(const Options& options) {
  const std::string& file = options.database;
  return file.empty() || file == ":memory:" ? "--database: needs the name of a file" : "";
}

std::string CheckTarget(const Options& options, const Raw& raw) {
  if (options.target.pid.has_value() == !options.target.cgroup.empty()) {
    return "--target-pid, --target-cgroup: give one of the two";
  }
  if (raw.cpu_source == "proc" && !options.target.cgroup.empty()) {
    return "--cpu-source: proc needs --target-pid";
  }
  return "";
}

std::string CheckMail(const Options& options, const Raw& raw) {
  if (options.mail_to.empty()) return raw.smtp_url.empty() ? "" : "--mail-to: nobody to tell";
  if (raw.smtp_url.empty()) return "--smtp-url: needed with --mail-to";
  if (raw.mail_from.empty()) return "--mail-from: needed with --mail-to";
  for (const std::string& mailbox : options.mail_to) {
    if (!base::IsMailAddress(mailbox))
      return "--mail-to: \"" + mailbox + "\" is not a mail address";
  }
  if (std::string twice = CheckTwice("mail-to", options.mail_to); !twice.empty()) return twice;
  if (!base::IsMailAddress(raw.mail_from)) return "--mail-from: not a mail address";
  const auto server = SmtpServer(raw);
  if (!server) return "--smtp-url: " + server.error().message;
  if (!server->user.empty() && raw.smtp_password_file.empty()) {
    return "--smtp-password-file: needed with a user in --smtp-url";
  }
  if (server->user.empty() && !raw.smtp_password_file.empty()) {
    return "--smtp-password-file: there is no user in --smtp-url";
  }
  return "";
}

std::string CheckTelegram(const Options& options, const Raw& raw) {
  const notifier::TelegramOptions& telegram = raw.telegram;
  if (options.telegram_chats.empty()) {
    return telegram.token_file.empty() ? "" : "--telegram-chat: nobody to tell";
  }
  if (telegram.token_file.empty()) return "--telegram-token-file: needed with --telegram-chat";
  std::vector<std::string> chats;
  chats.reserve(options.telegram_chats.size());
  for (const std::string& chat : options.telegram_chats) {
    if (const auto parsed = notifier::ParseChat(chat); !parsed) {
      return "--telegram-chat: " + parsed.error().message;
    } else {
      const std::string topic = parsed->topic ? "/" + std::to_string(*parsed->topic) : "";
      chats.push_back(parsed->id + topic);
    }
  }
  if (std::string twice = CheckTwice("telegram-chat", chats); !twice.empty()) return twice;
  if (!IsWebUrl(telegram.api_url)) {
    return "--telegram-api-url: begins with neither http:// nor https://";
  }
  if (const std::string mistake = base::BaseUrlMistake(telegram.api_url); !mistake.empty()) {
    return "--telegram-api-url: " + mistake;
  }
  if (telegram.proxy.empty()) return "";
  const std::string mistake = base::ProxyMistake(telegram.proxy);
  return mistake.empty() ? "" : "--telegram-proxy: " + mistake;
}

cgroup::Choice ChoiceOf(const std::string& word) {
  if (word == "cgroup") return cgroup::Choice::kCgroup;
  return word == "proc" ? cgroup::Choice::kProc : cgroup::Choice::kAuto;
}

// After the checks: everything in `raw` is known to be good.
void Finish(const Raw& raw, Options* options) {
  options->target.choice = ChoiceOf(raw.cpu_source);
  if (!options->telegram_chats.empty()) {
    options->telegram = raw.telegram;
    options->telegram->silent_severities = {raw.silent_severities.begin(),
                                            raw.silent_severities.end()};
  }
  if (options->mail_to.empty()) return;
  options->email = notifier::EmailOptions{.server = *SmtpServer(raw),
                                          .from = raw.mail_from,
                                          .password_file = raw.smtp_password_file,
                                          .ca_file = raw.smtp_ca_file,
                                          .phase_timeout = raw.smtp_timeout,
                                          .accept_timeout = raw.smtp_accept_timeout};
}

void Declare(Settings* settings, Options* options, Raw* raw) {
  options->name = HostName();
  DeclareTarget(settings, options, raw);
  DeclareHttp(settings, options, raw);
  DeclareNotification(settings, options);
  DeclareTelegram(settings, options, raw);
  DeclareMail(settings, options, raw);
  DeclareHistory(settings, options);
  settings->Check([options, raw] {
    return base::ParseListen(raw->listen, &options->http.address, &options->http.port)
               ? ""
               : "--listen: \"" + raw->listen + "\" is not ADDRESS:PORT";
  });
  settings->Check([options] { return CheckDatabase(*options); });
  settings->Check([options, raw] { return CheckTarget(*options, *raw); });
  settings->Check([options] { return CheckPublicUrl(&options->public_url); });
  settings->Check(
      [options] { return CheckSeverities("notify-severities", options->notify_severities); });
  settings->Check([raw] {
    return raw->silent_severities == std::vector<std::string>{""}  // all of them sound
               ? ""
               : CheckSeverities("telegram-silent-severities", raw->silent_severities);
  });
  settings->Check([options, raw] { return CheckMail(*options, *raw); });
  settings->Check([options, raw] { return CheckTelegram(*options, *raw); });
  settings->Example(
      "fraud-sidecar --target-pid 4711 --webhook-token-file webhook.tokens --database history.db",
      "measures process 4711 and keeps the history; tells nobody");
  settings->Example(
      "fraud-sidecar --target-cgroup /model --webhook-token-file webhook.tokens "
      "--smtp-url smtp://alerts@mail.example.org --smtp-password-file smtp.password "
      "--mail-from alerts@example.org --mail-to oncall@example.org",
      "tells oncall@example.org of critical alerts");
  settings->Example(
      "fraud-sidecar --target-pid 4711 --webhook-token-file webhook.tokens "
      "--telegram-token-file bot.token --telegram-chat -1001234567890/42",
      "tells topic 42 of that group");
}

Settings MakeSettings() {
  return Settings("fraud-sidecar", "measures a model and brings its alerts to a person",
                  kDescription, FRAUD_VERSION);
}

}  // namespace

base::Result<std::optional<Options>> ParseOptions(int argc, const char* const* argv) {
  Options options;
  Raw raw;
  Settings settings = MakeSettings();
  Declare(&settings, &options, &raw);
  const auto action = settings.Parse(argc, argv);
  if (!action) return action.error();
  if (*action == Settings::Action::kExit) return std::optional<Options>();
  Finish(raw, &options);
  return std::optional(std::move(options));
}

}  // namespace sidecar
