#include "base/log.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <mutex>
#include <utility>

#include "base/clock.h"

namespace base::log {
namespace {

constexpr std::size_t kQueueLines = 512;

// Destroying the pool writes what is queued and joins its thread.
struct Writer {
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
  Level level = Level::kInfo;
  Format format = Format::kLogfmt;
};

// A process has one standard error, so this is the one place with a variable of the process. Each
// line holds the writer while it is queued: Stop in between cannot pull it away.
std::mutex writer_mutex;
std::shared_ptr<const Writer> current_writer;

std::shared_ptr<const Writer> CurrentWriter() {
  const std::lock_guard lock(writer_mutex);
  return current_writer;
}

std::string_view LevelName(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

void Write(const Writer& writer, Level level, std::string_view event, Fields fields) {
  const std::string line =
      FormatLine(writer.format, LevelName(level), FormatUtc(RealClock().Now()), event, fields);
  writer.logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

void WriteIfWanted(Level level, std::string_view event, Fields fields) {
  const auto writer = CurrentWriter();
  if (writer != nullptr && level >= writer->level) Write(*writer, level, event, fields);
}

}  // namespace

void Start(Level level, Format format) {
  const std::lock_guard lock(writer_mutex);
  if (current_writer != nullptr) return;
  auto pool = std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1U);
  auto logger = std::make_shared<spdlog::async_logger>(
      "stderr", std::make_shared<spdlog::sinks::stderr_sink_mt>(), pool,
      spdlog::async_overflow_policy::overrun_oldest);
  logger->set_pattern("%v");  // FormatLine makes the whole line
  current_writer = std::make_shared<const Writer>(
      Writer{.pool = pool, .logger = logger, .level = level, .format = format});
}

void Stop() {
  std::shared_ptr<const Writer> last;
  {
    const std::lock_guard lock(writer_mutex);
    last = std::exchange(current_writer, nullptr);
  }
  if (last == nullptr) return;
  const std::size_t lost = last->pool->overrun_counter();
  if (lost > 0) Write(*last, Level::kWarning, "log_lines_lost", {{"count", lost}});
}

void Debug(std::string_view event, Fields fields) { WriteIfWanted(Level::kDebug, event, fields); }
void Info(std::string_view event, Fields fields) { WriteIfWanted(Level::kInfo, event, fields); }
void Warning(std::string_view event, Fields fields) {
  WriteIfWanted(Level::kWarning, event, fields);
}
void Error(std::string_view event, Fields fields) { WriteIfWanted(Level::kError, event, fields); }

}  // namespace base::log
