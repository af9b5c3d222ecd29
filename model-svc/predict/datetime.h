#pragma once

#include <optional>
#include <string_view>

namespace model::predict {

// What the model asks of a transaction's local time.
struct Moment {
  int weekday = 0;  // 0 Monday to 6 Sunday
  int hour = 0;     // 0 to 23
};

// Reads "YYYY-MM-DD HH:MM:SS", with a blank or T, an optional fraction of 1 to 9 digits and an
// optional Z. nullopt for anything else, for a date or a time that does not exist, and before the
// year 1000 (so that the pattern in openapi.yaml says exactly what is taken). Z changes
// nothing: the model was trained on the times as they stand in the data.
std::optional<Moment> ReadDatetime(std::string_view text);

// 0 Monday to 6 Sunday, of a date of the proleptic Gregorian calendar.
int Weekday(int year, int month, int day);

}  // namespace model::predict
