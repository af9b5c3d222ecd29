#include "base/settings_option.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>

#include "base/settings.h"

namespace base::settings {
namespace {

using Values = std::vector<std::string>;

// The whole of `text` as a number, nothing before or behind it.
template <typename N>
std::optional<N> ParseNumber(std::string_view text) {
  N number{};
  const char* const end = text.data() + text.size();
  const auto [at, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc{} || at != end) return std::nullopt;
  return number;
}

std::string Shortest(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", number);
  return text;
}

std::string Join(const Values& words, std::string_view separator) {
  std::string joined;
  for (const std::string& word : words) {
    if (!joined.empty()) joined += separator;
    joined += word;
  }
  return joined;
}

std::string OrNone(const std::string& text) { return text.empty() ? "none" : text; }

// An option whose one value is read by `parse` into `target`; `expected` completes "... is not ".
template <typename T, typename Parse>
Option Scalar(T* target, const std::string& value_name, const std::string& expected, Parse parse) {
  Option option;
  option.value_name = value_name;
  option.store = [target, expected, parse](const Values& values) {
    const auto value = parse(values.front());
    if (!value.has_value()) return expected;
    *target = *value;
    return std::string();
  };
  return option;
}

template <typename T>
Option IntInto(T* target, int minimum, int maximum) {
  const std::string range = std::to_string(minimum) + " to " + std::to_string(maximum);
  Option option = Scalar(target, "N", "a whole number from " + range,
                         [=](const std::string& text) -> std::optional<int> {
                           const auto number = ParseNumber<int>(text);
                           const bool fits = number && *number >= minimum && *number <= maximum;
                           return fits ? number : std::nullopt;
                         });
  option.range = range;
  return option;
}

std::optional<bool> ParseSwitch(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  if (text == "true" || text == "1" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "0" || text == "no" || text == "off") return false;
  return std::nullopt;
}

}  // namespace

Option TextOption(std::string* target, const std::string& value_name) {
  Option option = Scalar(target, value_name, "a text",
                         [](const std::string& text) { return std::optional<std::string>(text); });
  option.default_text = OrNone(*target);
  return option;
}

Option ListOption(Values* target, const std::string& value_name) {
  Option option;
  option.value_name = value_name;
  option.default_text = OrNone(Join(*target, ", "));
  option.is_list = true;
  option.store = [target](const Values& values) {
    *target = values;
    return std::string();
  };
  return option;
}

Option IntOption(int* target, int minimum, int maximum) {
  Option option = IntInto(target, minimum, maximum);
  option.default_text = std::to_string(*target);
  return option;
}

Option OptionalIntOption(std::optional<int>* target, int minimum, int maximum) {
  Option option = IntInto(target, minimum, maximum);
  option.default_text = target->has_value() ? std::to_string(**target) : "none";
  return option;
}

Option OptionalNumberOption(std::optional<double>* target, double above, double maximum) {
  const std::string range = "above " + Shortest(above) + ", at most " + Shortest(maximum);
  Option option = Scalar(target, "NUMBER", "a number " + range,
                         [=](const std::string& text) -> std::optional<double> {
                           const auto number = ParseNumber<double>(text);
                           const bool fits = number && *number > above && *number <= maximum;
                           return fits ? number : std::nullopt;
                         });
  option.range = range;
  option.default_text = target->has_value() ? Shortest(**target) : "none";
  return option;
}

Option DurationOption(Millis* target, Millis minimum, Millis maximum) {
  const std::string range = FormatDuration(minimum) + " to " + FormatDuration(maximum);
  Option option = Scalar(target, "DURATION", "a duration from " + range + ", such as 15s or 5m",
                         [=](const std::string& text) -> std::optional<Millis> {
                           const auto duration = ParseDuration(text);
                           const bool fits =
                               duration && *duration >= minimum && *duration <= maximum;
                           return fits ? duration : std::nullopt;
                         });
  option.range = range;
  option.default_text = FormatDuration(*target);
  return option;
}

Option SwitchOption(bool* target) {
  Option option = Scalar(target, "", "true or false", ParseSwitch);
  option.default_text = *target ? "true" : "false";
  option.is_switch = true;
  return option;
}

Option ChoiceOption(std::string* target, const Values& words) {
  Option option = Scalar(target, Join(words, "|"), "one of " + Join(words, ", "),
                         [words](const std::string& text) -> std::optional<std::string> {
                           const bool known =
                               std::find(words.begin(), words.end(), text) != words.end();
                           return known ? std::optional(text) : std::nullopt;
                         });
  option.default_text = OrNone(*target);
  return option;
}

std::string EnvironmentName(const std::string& flag) {
  std::string name = "FRAUD_" + flag;
  for (char& c : name) {
    if (c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

}  // namespace base::settings

namespace base {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr Unit kUnits[] = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};

}  // namespace

std::optional<Millis> ParseDuration(const std::string& text) {
  constexpr std::int64_t kLongestMs = std::int64_t{1} << 53;  // far beyond any sensible duration
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = settings::ParseNumber<std::int64_t>(std::string_view(text).substr(0, digits));
  if (!number) return std::nullopt;
  if (*number == 0 && digits == text.size()) return Millis{0};
  for (const Unit& unit : kUnits) {
    if (text.compare(digits, std::string::npos, unit.name) != 0) continue;
    if (*number > kLongestMs / unit.ms) return std::nullopt;
    return Millis{*number * unit.ms};
  }
  return std::nullopt;
}

std::string FormatDuration(Millis duration) {
  if (duration.count() == 0) return "0s";
  for (const Unit& unit : kUnits) {
    if (duration.count() % unit.ms == 0) {
      return std::to_string(duration.count() / unit.ms) + std::string(unit.name);
    }
  }
  return std::to_string(duration.count()) + "ms";
}

}  // namespace base
