#include "model-svc/predict/datetime.h"

#include <cstddef>

namespace model::predict {
namespace {

int DaysOf(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The number that stands in two digits; -1 when they are none.
int Two(std::string_view text, std::size_t at) {
  if (!IsDigit(text[at]) || !IsDigit(text[at + 1])) return -1;
  return 10 * (text[at] - '0') + (text[at + 1] - '0');
}

// What may follow the seconds.
bool IsTail(std::string_view tail) {
  if (tail.ends_with('Z')) tail.remove_suffix(1);
  if (tail.empty()) return true;
  if (tail[0] != '.' || tail.size() < 2 || tail.size() > 10) return false;
  return tail.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

}  // namespace

// Counts days from a year that begins in March, so that the leap day is its last
// (https://howardhinnant.github.io/date_algorithms.html, days_from_civil).
int Weekday(int year, int month, int day) {
  const int from_march = month > 2 ? month - 3 : month + 9;
  const int y = month > 2 ? year : year - 1;
  const int days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * from_march + 2) / 5 + day - 1;
  return (days + 2) % 7;  // 0000-03-01 was a Wednesday
}

std::optional<Moment> ReadDatetime(std::string_view text) {
  constexpr std::size_t kSeconds = 19;  // bytes up to the seconds
  if (text.size() < kSeconds || text[4] != '-' || text[7] != '-' || text[13] != ':' ||
      text[16] != ':' || (text[10] != ' ' && text[10] != 'T') || !IsTail(text.substr(kSeconds))) {
    return std::nullopt;
  }
  const int century = Two(text, 0), of_century = Two(text, 2), month = Two(text, 5);
  const int day = Two(text, 8), hour = Two(text, 11), minute = Two(text, 14),
            second = Two(text, 17);
  if (century < 0 || of_century < 0 || month < 1 || month > 12) return std::nullopt;
  const int year = 100 * century + of_century;
  if (year < 1000 || day < 1 || day > DaysOf(year, month)) return std::nullopt;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
    return std::nullopt;
  }
  return Moment{.weekday = Weekday(year, month, day), .hour = hour};
}

}  // namespace model::predict
