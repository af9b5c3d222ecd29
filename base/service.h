#pragma once

#include <csignal>
#include <cstdio>
#include <optional>
#include <string>

#include "base/http.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/settings.h"

// What the programs of this project do alike: begin, log, listen, end.
namespace base {

// Exit codes. 0: ended by a signal, or --help and --version.
constexpr int kExitFailed = 1;
constexpr int kExitWrongSettings = 2;

struct LogOptions {
  std::string level = "info";
  std::string format = "logfmt";
};
// --log-level, --log-format.
void DeclareLog(Settings* settings, LogOptions* options);
void StartLog(const LogOptions& options);

// "ADDRESS:PORT" or "[IPV6]:PORT", port 0 to 65535. false and nothing written on anything else.
bool ParseListen(const std::string& text, std::string* address, int* port);

// GET /metrics: the exposition of `metrics`, which must outlive the server.
Route MetricsRoute(const Metrics* metrics);

// SIGINT, SIGTERM and SIGHUP, blocked in this thread and all that it begins later, so that only
// Wait sees them.
class StopSignals {
 public:
  StopSignals();
  // Returns the number of the signal that came.
  [[nodiscard]] int Wait() const;

 private:
  sigset_t signals_{};
};

// The life of a service: App::Create(options), Start(), a signal, Stop(). `options` is what its
// ParseOptions returned (with a member `log`): nothing when --help or --version was printed.
// Complaints go to standard error. Returns the exit code.
template <typename App, typename Options>
int RunService(const char* program, const Result<std::optional<Options>>& options) {
  if (!options) {
    std::fprintf(stderr, "%s: %s\n", program, options.error().message.c_str());
    return kExitWrongSettings;
  }
  if (!*options) return 0;
  const StopSignals signals;
  StartLog((*options)->log);
  auto app = App::Create(**options);
  const Status started = app ? (*app)->Start() : Status(app.error());
  if (!started) {
    log::Stop();
    std::fprintf(stderr, "%s: %s\n", program, started.error().message.c_str());
    return kExitFailed;
  }
  ReturnStartupMemory();
  log::Info("stopping", {{"signal", signals.Wait()}});
  (*app)->Stop();
  log::Stop();
  return 0;
}

}  // namespace base
