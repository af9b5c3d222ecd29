#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace base {

// Wall time in whole milliseconds since 1970-01-01T00:00:00Z: what is stored and shown.
using WallMs = std::int64_t;
using SteadyTime = std::chrono::steady_clock::time_point;
using Millis = std::chrono::milliseconds;

// The only source of wall time. Rules take `now` as an argument; only the edge (App, workers,
// handlers) asks a Clock. Implementations are safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallMs Now() const = 0;         // may step when the machine's clock is set
  [[nodiscard]] virtual SteadyTime Steady() const = 0;  // never steps: CLOCK_MONOTONIC
};

class RealClock final : public Clock {
 public:
  [[nodiscard]] WallMs Now() const override;
  [[nodiscard]] SteadyTime Steady() const override;
};

// RFC 3339 in UTC with milliseconds: "2026-11-22T15:37:23.042Z".
std::string FormatUtc(WallMs at);

// Reads RFC 3339 with an optional fraction (nanoseconds are cut) and "Z" or "+hh:mm". false and *at
// untouched on anything else. The year 0001, which Alertmanager sends for "no end yet", parses to a
// large negative value.
bool ParseUtc(const std::string& text, WallMs* at);

}  // namespace base
