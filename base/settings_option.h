#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

// Private to settings: one declared flag, and the typed readers behind Settings::Add.
namespace base::settings {

struct Option {
  std::string flag;        // without dashes
  std::string value_name;  // "DURATION"; empty for a switch
  std::string help;
  std::string default_text;  // "none" when there is none
  std::string range;         // "1 to 65535"; empty when anything goes
  bool is_switch = false;
  bool is_list = false;
  bool required = false;
  std::size_t section = 0;
  // Stores the values that were given (one, unless is_list). Returns what was expected, "a whole
  // number from 1 to 9", when a value does not fit; the target is then untouched.
  std::function<std::string(const std::vector<std::string>&)> store;
};

Option TextOption(std::string* target, const std::string& value_name);
Option ListOption(std::vector<std::string>* target, const std::string& value_name);
Option IntOption(int* target, int minimum, int maximum);
Option OptionalIntOption(std::optional<int>* target, int minimum, int maximum);
Option OptionalNumberOption(std::optional<double>* target, double above, double maximum);
Option DurationOption(Millis* target, Millis minimum, Millis maximum);
Option SwitchOption(bool* target);
Option ChoiceOption(std::string* target, const std::vector<std::string>& words);

// "sample-interval" -> "FRAUD_SAMPLE_INTERVAL".
std::string EnvironmentName(const std::string& flag);

}  // namespace base::settings
