#include "bench/load/options.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/settings.h"
#include "bench/load/target.h"

namespace load {
namespace {

using base::Millis;
using base::Settings;
using std::chrono::hours;
using std::chrono::minutes;

constexpr char kDescription[] =
    "Sends transactions to POST /predict at a rate that does not depend on the answers, as real "
    "callers and attackers do, and says what became of each. It is for one's own services: an "
    "attack on any other is a crime nearly everywhere.\n\n"
    "Every request has a due time before the first one is sent. A late one goes out at once and "
    "its "
    "latency counts from when it was due, so neither a stall of the service nor one of this "
    "program is hidden. A request that would be more than 1 s late, or finds every connection in "
    "use, is not sent and counted so. When this program and not the service was the limit, it says "
    "so.\n\n"
    "With --prometheus, --alertmanager and --history it follows the alert that the load is to "
    "raise; with --history it ends when the administrator has been told, and until then the last "
    "phase goes on. One who does not answer is unknown and ends nothing.\n\n"
    "Exit status 1 also when the administrator was not told in time; 130 and 143 after SIGINT and "
    "SIGTERM, with the report of what was.";

// What the flags are read into where they are not yet what Options holds.
struct Raw {
  std::string mix;
  std::string phases = "50,200,500,1500";
  Millis phase_duration{30'000};
  int rate_max = 48'000;
  int seed = 1;
  std::string arrivals = "uniform";
  std::string connections = "kept";
};

void DeclareTargets(Settings* settings, Options* options, Raw* raw) {
  settings->Section("Target and requests");
  settings->Add("target", &options->targets, "HOST:PORT", "a server that is asked, in turns");
  settings->Add("targets-file", &options->targets_file, "FILE",
                "the targets, a HOST:PORT a line, instead of --target. It is read again when it "
                "changes: new ones join, removed ones leave");
  settings->Add("rows", &options->rows_file, "FILE", "what is sent, a JSON object a line");
  settings->Add("mix", &raw->mix, "KIND=WEIGHT,...",
                "how often which kind: normal, amount_flood, compromised_terminal, replay, "
                "malformed. Without it every row is as likely as every other");
  settings->Add("features", &options->features, "sends the rows' features too");
  settings->Add("seed", &raw->seed, 0, std::numeric_limits<int>::max(),
                "of the choice of rows and of Poisson arrivals");
}

void DeclareLoad(Settings* settings, Options* options, Raw* raw) {
  settings->Section("Load");
  settings->Add("phases", &raw->phases, "RATE[:DURATION],...", "requests per second, in turn");
  settings->Add("phase-duration", &raw->phase_duration, Millis(100), hours(24),
                "of a phase that names none");
  settings->Add("rate-max", &raw->rate_max, 1, kRateMax,
                "behind the last phase the rate doubles for each --phase-duration, up to this");
  settings->AddChoice("arrivals", &raw->arrivals, {"uniform", "poisson"},
                      "requests at even distances, or as of many independent callers");
  settings->AddChoice("connections", &raw->connections, {"kept", "new"},
                      "connections that are used again, or a new one for each request");
  settings->Add("connections-max", &options->connections_max, 1, 65'536,
                "open at once, all targets together");
  settings->Add("timeout", &options->timeout, Millis(10), minutes(10),
                "of a request, from its send");
  settings->Add("good-within", &options->good_within, Millis(1), minutes(10),
                "an answer 200 or 422 so soon after its due time is a good one");
  settings->Add("longest", &options->longest, Millis(100), hours(24), "bound of the whole run");
}

void DeclareReport(Settings* settings, Options* options) {
  settings->Section("Report");
  settings->Add("progress-interval", &options->progress_interval, Millis(100), hours(1),
                "between two lines of progress");
  settings->Add("json", &options->json_file, "FILE", "where the report is written too");
}

void DeclareFollow(Settings* settings, FollowOptions* follow) {
  settings->Section("Alert");
  settings->Add("prometheus", &follow->prometheus, "URL", "is asked whether the alert is pending");
  settings->Add("alertmanager", &follow->alertmanager, "URL", "is asked whether it has the alert");
  settings->Add("history", &follow->history, "URL",
                "of fraud-sidecar: is asked whether the administrator has been told");
  settings->Add("history-token-file", &follow->history_token_file, "FILE",
                "the bearer token for it: one line, the token alone");
  settings->Add("alert", &follow->alert, "NAME", "the alert that is followed");
}

std::string CheckTargets(const Options& options) {
  if (options.targets.empty() == options.targets_file.empty()) {
    return "--target, --targets-file: give one of the two";
  }
  for (const std::string& name : options.targets) {
    if (!IsTarget(name)) return "--target: \"" + name + "\" is not HOST:PORT";
  }
  return options.targets.size() > kTargetsMax ? "--target: over 1024 of them" : "";
}

std::string CheckPhases(const Raw& raw, Options* options) {
  auto phases = ParsePhases(raw.phases, raw.phase_duration);
  if (!phases) return "--phases: " + phases.error().message;
  AddDoubling(raw.rate_max, raw.phase_duration, &*phases);
  options->phases = std::move(*phases);
  Millis all{0};
  for (const Phase& phase : options->phases) all += phase.duration;
  if (all <= options->longest) return "";
  return "--longest: the phases take " + base::FormatDuration(all) + " with the doubling up to " +
         "--rate-max, that is longer";
}

std::string CheckMix(const Raw& raw, Options* options) {
  if (raw.mix.empty()) return "";
  const auto mix = ParseMix(raw.mix);
  if (!mix) return "--mix: " + mix.error().message;
  options->mix = *mix;
  return "";
}

std::string CheckFollow(const FollowOptions& follow) {
  for (const auto& [flag, url] :
       {std::pair("prometheus", follow.prometheus), std::pair("alertmanager", follow.alertmanager),
        std::pair("history", follow.history)}) {
    if (url.empty() || url.starts_with("http://") || url.starts_with("https://")) continue;
    return std::string("--") + flag + ": does not begin with http:// or https://";
  }
  if (follow.history.empty() != follow.history_token_file.empty()) {
    return "--history-token-file: belongs to --history, and it to this";
  }
  return follow.alert.empty() ? "--alert: is empty" : "";
}

void Declare(Settings* settings, Options* options, Raw* raw) {
  DeclareTargets(settings, options, raw);
  DeclareLoad(settings, options, raw);
  DeclareReport(settings, options);
  DeclareFollow(settings, &options->follow);
  settings->Check([=] { return CheckTargets(*options); });
  settings->Check([=] { return CheckPhases(*raw, options); });
  settings->Check([=] { return CheckMix(*raw, options); });
  settings->Check([=] { return CheckFollow(options->follow); });
  settings->Example("fraud-attack --target 127.0.0.1:8080 --phases 1500 --rate-max 1500",
                    "1,500 requests a second for 30 s");
  settings->Example(
      "fraud-attack --targets-file pods --history http://127.0.0.1:8082 "
      "--history-token-file token",
      "more and more load until the administrator has been told");
}

}  // namespace

base::Result<std::optional<Options>> ParseOptions(int argc, const char* const* argv) {
  Options options;
  Raw raw;
  Settings settings("fraud-attack", "an open-loop load driver for fraud-model", kDescription,
                    FRAUD_VERSION);
  Declare(&settings, &options, &raw);
  const auto action = settings.Parse(argc, argv);
  if (!action) return action.error();
  if (*action == Settings::Action::kExit) return std::optional<Options>();
  options.seed = static_cast<std::uint64_t>(raw.seed);
  options.arrivals = raw.arrivals == "poisson" ? Arrivals::kPoisson : Arrivals::kUniform;
  options.keep = raw.connections == "kept";
  return std::optional(std::move(options));
}

}  // namespace load
