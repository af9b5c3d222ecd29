#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

// One event a line, on standard error: time, level, event name, fields.
//   2026-11-22T15:37:23.042Z info webhook_accepted source=default alerts=2
// Written by a background thread over a bounded queue; when it is full the oldest lines go first,
// so that logging never blocks the work (spdlog's overrun_oldest). Never pass a secret as a value.
namespace base::log {

enum class Level { kDebug, kInfo, kWarning, kError };
enum class Format { kLogfmt, kJson };

struct Field {
  std::string_view key;
  std::string value;
  bool quoted = true;  // false: a number or boolean, bare in JSON

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  Field(std::string_view k, bool v) : key(k), value(v ? "true" : "false"), quoted(false) {}
  template <typename N>
  requires std::integral<N> || std::floating_point<N> Field(std::string_view k, N v)
      : key(k), value(std::to_string(v)), quoted(false) {}
};
using Fields = std::initializer_list<Field>;

// Starts the background thread; call once, before the first line. Without Start lines are dropped
// (unit tests).
void Start(Level level, Format format);
// Writes what is queued and ends the thread. Idempotent.
void Stop();

void Debug(std::string_view event, Fields fields = {});
void Info(std::string_view event, Fields fields = {});
void Warning(std::string_view event, Fields fields = {});
void Error(std::string_view event, Fields fields = {});

// Exposed for its test: the text behind the level. Control characters and quotes are escaped, so a
// value is never a second line.
std::string FormatLine(Format format, std::string_view level, std::string_view utc,
                       std::string_view event, Fields fields);

}  // namespace base::log
