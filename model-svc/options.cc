#include "model-svc/options.h"

#include <limits>
#include <utility>

namespace model {
namespace {

using base::Millis;
using base::Settings;
using std::chrono::minutes;

constexpr char kDescription[] =
    "Scores transactions with an XGBoost model, bit for bit as XGBoost does: POST /predict for "
    "one, POST /predict/batch for up to 1,000, GET /model for what is served, GET /openapi.yaml "
    "for "
    "all of it in detail.\n\n"
    "The model is a folder that proves itself: hashes, feature names and rows with known scores "
    "are checked before it is served. POST /-/reload on the admin port reads the folder again; a "
    "model that is refused leaves the present one in place.\n\n"
    "The public port expects to be attacked: connections, bodies and waits are bounded, and what "
    "is over the bound is told 503 with Retry-After. SIGTERM answers what has been asked, then "
    "ends.";

// What the flags are read into where they are not yet what Options holds.
struct Raw {
  std::string listen = "0.0.0.0:8080";
  std::string admin_listen = "0.0.0.0:8081";
};

void DeclareModel(Settings* settings, Options* options) {
  settings->Section("Model");
  settings->Add("model-folder", &options->model_folder, "FOLDER",
                "the model to serve: model.json or model.ubj, schema.json, golden.json, meta.json, "
                "SHA256SUMS");
  settings->Add(
      "reset-terminal-id", &options->reset_terminal_id, 0, std::numeric_limits<int>::max(),
      "exports alert_counter, the frauds since the last prediction for this terminal. Whoever "
      "may ask for a prediction for it can silence an alert on that counter");
}

void DeclareHttp(Settings* settings, HttpFrontOptions* http, Raw* raw) {
  settings->Section("HTTP");
  settings->Add("listen", &raw->listen, "ADDRESS:PORT",
                "where predictions are served; port 0 takes any free one");
  settings->Add("admin-listen", &raw->admin_listen, "ADDRESS:PORT",
                "where health, metrics and reload are served; not for the public");
  settings->Add("threads", &http->threads, 1, 16,
                "that serve predictions: one is enough for some 50,000 a second");
  settings->Add(
      "message-deadline", &http->message_deadline, Millis(100), minutes(10),
      "longest time from the first line of a request to its last byte; 1 s at most while three "
      "quarters of --max-connections are taken");
  settings->Add(
      "idle-timeout", &http->idle_timeout, Millis(100), minutes(10),
      "a kept connection without a request is closed after that, and after 1 s at most while "
      "three quarters of --max-connections are taken");
  settings->Add("drain-deadline", &http->drain_deadline, Millis(100), minutes(10),
                "after SIGTERM, longest wait for requests under way");
}

void DeclareLimits(Settings* settings, HttpFrontOptions* http) {
  settings->Section("Limits");
  settings->Add("max-connections", &http->max_connections, 1, 65'536,
                "served at once. With --backlog, no more than the model can answer within the time "
                "that a caller waits");
  settings->Add("shed-connections", &http->shed_connections, 1, 65'536,
                "further ones that are told 503 with Retry-After, and closed");
  settings->Add("backlog", &http->backlog, 1, 65'536,
                "connections that the kernel queues beyond those");
  settings->Add(
      "max-header-bytes", &http->max_header_bytes, 1'024, 16'384,
      "of a request line and all headers together; a head of the full length may have some "
      "20 headers, and cookies count twice. Each connection has 1.5 times as much memory, "
      "and 2 KiB more at least, from its first byte on");
  settings->Add("max-connections-per-ip", &http->max_connections_per_ip, 0, 65'536,
                "of one client address, further ones are closed at once; 0 for no such limit. "
                "Behind a load balancer all clients may share one address");
}

Settings MakeSettings() {
  return Settings("fraud-model", "scores transactions for fraud", kDescription, FRAUD_VERSION);
}

std::string CheckListen(const char* flag, const std::string& text, HttpFrontOptions* http) {
  if (base::ParseListen(text, &http->address, &http->port)) return "";
  return std::string("--") + flag + ": \"" + text + "\" is not ADDRESS:PORT";
}

void Declare(Settings* settings, Options* options, Raw* raw) {
  // Few, known and quick callers: kubelet, Prometheus, a person. Two threads, so that a reload,
  // which takes its time under a small CPU limit, does not stop them all.
  options->admin.threads = 2;
  options->admin.message_deadline = std::chrono::seconds(2);
  options->admin.max_connections = 32;
  options->admin.shed_connections = 8;
  options->admin.backlog = 32;
  DeclareModel(settings, options);
  DeclareHttp(settings, &options->http, raw);
  DeclareLimits(settings, &options->http);
  settings->Section("Tests and log");
  settings->Add(
      "enable-stress", &options->stress,
      "serves POST /cpu {\"milliseconds\": 1 to 5000} on the public port, which keeps a thread "
      "busy for so long: for tests of alerts and autoscalers only");
  base::DeclareLog(settings, &options->log);
  settings->Check([=] { return CheckListen("listen", raw->listen, &options->http); });
  settings->Check([=] { return CheckListen("admin-listen", raw->admin_listen, &options->admin); });
  settings->Example("fraud-model --model-folder model-svc/models/default",
                    "serves the model that comes with the source, on ports 8080 and 8081");
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
  return std::optional(std::move(options));
}

}  // namespace model
