#include "base/clock.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <string_view>

namespace base {
namespace {

using std::chrono::days;
using std::chrono::duration_cast;
using std::chrono::sys_days;

constexpr WallMs kFirst = -62'167'219'200'000;  // 0000-01-01T00:00:00.000Z
constexpr WallMs kLast = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z

// Reads a text from left to right; once a read failed all later ones fail too.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool Take(char wanted) {
    ok_ = ok_ && !rest_.empty() && std::toupper(static_cast<unsigned char>(rest_[0])) == wanted;
    if (ok_) rest_.remove_prefix(1);
    return ok_;
  }

  // Exactly `count` digits, a number in [minimum, maximum].
  int Number(int count, int minimum, int maximum) {
    int value = 0;
    for (int i = 0; i < count; ++i) value = value * 10 + Digit();
    ok_ = ok_ && value >= minimum && value <= maximum;
    return value;
  }

  // The digits behind a decimal point, cut to milliseconds.
  int Fraction() {
    int value = 0;
    int scale = 100;
    do {
      value += Digit() * scale;
      scale /= 10;
    } while (NextIsDigit());
    return value;
  }

  [[nodiscard]] bool Next(char wanted) const { return ok_ && !rest_.empty() && rest_[0] == wanted; }
  [[nodiscard]] bool AtEnd() const { return ok_ && rest_.empty(); }

 private:
  [[nodiscard]] bool NextIsDigit() const {
    return ok_ && !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9';
  }

  int Digit() {
    ok_ = NextIsDigit();
    if (!ok_) return 0;
    const int digit = rest_[0] - '0';
    rest_.remove_prefix(1);
    return digit;
  }

  std::string_view rest_;
  bool ok_ = true;
};

// "Z" or "+hh:mm", as the minutes that local time is ahead of UTC.
int ReadOffsetMinutes(Reader* reader) {
  const bool behind = reader->Next('-');
  if (!behind && !reader->Next('+')) {
    reader->Take('Z');
    return 0;
  }
  reader->Take(behind ? '-' : '+');
  const int hours = reader->Number(2, 0, 23);
  reader->Take(':');
  const int minutes = hours * 60 + reader->Number(2, 0, 59);
  return behind ? -minutes : minutes;
}

}  // namespace

WallMs RealClock::Now() const {
  return duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch()).count();
}

SteadyTime RealClock::Steady() const { return std::chrono::steady_clock::now(); }

std::string FormatUtc(WallMs at) {
  const std::chrono::sys_time<Millis> time{Millis{std::clamp(at, kFirst, kLast)}};
  const sys_days day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss<Millis> clock{time - day};
  char text[64];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

bool ParseUtc(const std::string& text, WallMs* at) {
  Reader reader(text);
  const std::chrono::year year{reader.Number(4, 0, 9999)};
  reader.Take('-');
  const std::chrono::month month{static_cast<unsigned>(reader.Number(2, 1, 12))};
  reader.Take('-');
  const std::chrono::day day{static_cast<unsigned>(reader.Number(2, 1, 31))};
  reader.Take('T');
  const int hour = reader.Number(2, 0, 23);
  reader.Take(':');
  const int minute = reader.Number(2, 0, 59);
  reader.Take(':');
  const int second = reader.Number(2, 0, 60);  // 60: a leap second, taken as the next one
  const int millis = reader.Next('.') && reader.Take('.') ? reader.Fraction() : 0;
  const int offset = ReadOffsetMinutes(&reader);
  const std::chrono::year_month_day date{year, month, day};
  if (!reader.AtEnd() || !date.ok()) return false;

  const WallMs day_ms = duration_cast<Millis>(sys_days{date}.time_since_epoch()).count();
  const WallMs second_of_day = (hour * 60 + minute - offset) * 60 + second;
  *at = day_ms + second_of_day * 1000 + millis;
  return true;
}

}  // namespace base
