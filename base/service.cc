#include "base/service.h"

#include <pthread.h>

#include <charconv>

namespace base {
namespace {

log::Level LevelOf(const std::string& word) {
  if (word == "debug") return log::Level::kDebug;
  if (word == "warning") return log::Level::kWarning;
  return word == "error" ? log::Level::kError : log::Level::kInfo;
}

}  // namespace

void DeclareLog(Settings* settings, LogOptions* options) {
  settings->AddChoice("log-level", &options->level, {"debug", "info", "warning", "error"},
                      "the least that is logged, on standard error");
  settings->AddChoice("log-format", &options->format, {"logfmt", "json"}, "form of a log line");
}

void StartLog(const LogOptions& options) {
  log::Start(LevelOf(options.level),
             options.format == "json" ? log::Format::kJson : log::Format::kLogfmt);
}

bool ParseListen(const std::string& text, std::string* address, int* port) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  std::string host = text.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, colon - 2);
  const char* begin = text.data() + colon + 1;
  const char* end = text.data() + text.size();
  int number = -1;
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (error != std::errc() || rest != end || number < 0 || number > 65535) return false;
  *address = std::move(host);
  *port = number;
  return true;
}

Route MetricsRoute(const Metrics* metrics) {
  return {.method = "GET", .path = "/metrics", .handler = [metrics](const HttpRequest&) {
            return HttpResponse{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                                .body = metrics->Text()};
          }};
}

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

int StopSignals::Wait() const {
  int signal = 0;
  while (sigwait(&signals_, &signal) != 0) {
  }
  return signal;
}

}  // namespace base
