#include "sidecar/options.h"

#include <unistd.h>

#include <array>
#include <limits>
#include <utility>

#include "sidecar/options_channels.h"
#include "sidecar/options_fleet.h"
#include "sidecar/options_rules.h"
#include "sidecar/options_target.h"

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
    "The target is any process, control group or neighbour in a pod. It is measured in its own "
    "control group (v1 or "
    "v2); a process that has none of its own, in /proc/PID/stat.";

// What the flags are read into where they are not yet what Options holds.
struct Raw {
  std::string listen = "0.0.0.0:8082";
  TargetWords target;
  RawChannels channels;
};

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

void DeclareHistory(Settings* settings, Options* options) {
  settings->Section("History and log");
  settings->Add("database", &options->database, "FILE",
                "the history, SQLite; never on a network file system");
  settings->Add("history-days", &options->history_days, 1, 36'500,
                "ended episodes older than this are deleted, with their messages");
  settings->Add("history-transitions", &options->history_transitions, 1'000, 1'000'000'000,
                "with more transitions than this the oldest ended episodes are deleted");
  settings->Add("history-megabytes", &options->history_megabytes, 1, 1'000'000,
                "when the history is larger the oldest ended episodes are deleted");
  base::DeclareLog(settings, &options->log);
}

void DeclareNotification(Settings* settings, Options* options) {
  settings->Section("Notification");
  settings->Add("notify-severities", &options->notify_severities, "SEVERITY",
                "whose alerts are sent to people; every alert is kept in the history");
  settings->Add("retry-first", &options->retry.first, Millis(50), hours(1),
                "wait before the second try; each further one is twice as long");
  settings->Add("retry-longest", &options->retry.longest, Millis(50), hours(6),
                "the longest wait between two tries; not below --retry-first");
  settings->Add("retry-for", &options->retry.give_up, minutes(1), hours(24 * 14),
                "after that a message expires, visibly");
  settings->Add("remind-every", &options->remind_every, Millis(0), hours(24 * 7),
                "tells people again of an alert that still fires, 1m at least; 0: never");
  settings->Add("storm-above", &options->storm_above, 1, 100'000,
                "with more transitions a minute than this, those that are not critical come as one "
                "summary a minute");
  settings->Add("name", &options->name, "NAME", "of this sidecar, in messages: the pod");
  settings->Check([options] { return CheckRetry(options->retry); });
  settings->Check(
      [options] { return CheckOffOrLong("remind-every", options->remind_every, minutes(1)); });
}

// SQLite takes these for a database that is gone with the process.
std::string CheckDatabase(const Options& options) {
  const std::string& file = options.database;
  return file.empty() || file == ":memory:" ? "--database: needs the name of a file" : "";
}

// After the checks: everything in `raw` is known to be good.
void Finish(const Raw& raw, Options* options) { FinishChannels(raw.channels, options); }

void Declare(Settings* settings, Options* options, Raw* raw) {
  options->name = HostName();
  DeclareTarget(settings, options, &raw->target);
  DeclareHttp(settings, options, raw);
  DeclareNotification(settings, options);
  DeclareChannels(settings, options, &raw->channels);
  DeclareFleet(settings, options);
  DeclareHistory(settings, options);
  settings->Check([options, raw] {
    return base::ParseListen(raw->listen, &options->http.address, &options->http.port)
               ? ""
               : "--listen: \"" + raw->listen + "\" is not ADDRESS:PORT";
  });
  settings->Check([options] { return CheckDatabase(*options); });
  settings->Check([options, raw] { return CheckTarget(raw->target, options); });
  settings->Check([options] { return CheckPublicUrl(&options->public_url); });
  settings->Check(
      [options] { return CheckSeverities("notify-severities", options->notify_severities); });
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
  settings->Example("fraud-sidecar backup --database history.db /backup/history-monday.db",
                    "copies the history, also while it is in use; see fraud-sidecar backup --help");
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
