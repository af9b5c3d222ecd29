#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/settings_option.h"

// Private to settings: what the --config file gives, and what is said about a wrong value.
namespace base::settings {

constexpr char kConfigFlag[] = "config";

struct Given {
  std::vector<std::string> values;
  std::string origin;  // "the command line", "FRAUD_X", "FILE line 3"
};
using GivenValues = std::map<std::string, Given>;  // by flag

// A value as an error shows it: short, and never a second line.
std::string Quoted(const std::string& value);

// A mistake for each unknown flag, without the value that seems to follow it. Returns the other
// words.
std::vector<std::string> TellExtras(const std::vector<Option>& options,
                                    const std::vector<std::string>& extras,
                                    std::vector<std::string>* mistakes);

// Reads the file that kConfigFlag names in *given, if it does, and adds what is not given yet.
void AddFile(const std::vector<Option>& options, GivenValues* given,
             std::vector<std::string>* mistakes);

// Hands the option its value. Returns "" or the line about the mistake.
std::string Store(const Option& option, const GivenValues& given);

}  // namespace base::settings
