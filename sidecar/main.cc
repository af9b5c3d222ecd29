#include <pthread.h>
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>

#include "base/log.h"
#include "base/memory.h"
#include "sidecar/app.h"

namespace {

constexpr int kFailed = 1;
constexpr int kWrongSettings = 2;

// Blocked before any thread begins, so that only WaitForSignal sees them.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int WaitForSignal(const sigset_t& signals) {
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return signal;
}

}  // namespace

int main(int argc, char** argv) {
  // The model beside us may be under attack and has our uid: it must not read our memory.
  prctl(PR_SET_DUMPABLE, 0);
  const auto options = sidecar::ParseOptions(argc, argv);
  if (!options) {
    std::fprintf(stderr, "fraud-sidecar: %s\n", options.error().message.c_str());
    return kWrongSettings;
  }
  if (!*options) return 0;

  const sigset_t signals = BlockSignals();
  base::log::Start((*options)->log_level, (*options)->log_format);
  auto app = sidecar::App::Create(**options);
  if (!app) {
    base::log::Stop();
    std::fprintf(stderr, "fraud-sidecar: %s\n", app.error().message.c_str());
    return kFailed;
  }
  (*app)->Start();
  base::ReturnStartupMemory();
  base::log::Info("stopping", {{"signal", WaitForSignal(signals)}});
  (*app)->Stop();
  base::log::Stop();
  return 0;
}
