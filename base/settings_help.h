#pragma once

#include <string>
#include <vector>

#include "base/settings_option.h"

// Private to settings: --help as a manual page of 80 columns.
namespace base::settings {

struct Example {
  std::string command;
  std::string meaning;
};

struct Argument {
  std::string name;
  std::string help;
};

struct Manual {
  std::string program;
  std::string summary;
  std::string description;          // paragraphs parted by blank lines
  std::vector<Argument> arguments;  // words beside the flags, all of them needed
  std::vector<std::string> sections;
  std::vector<Option> options;  // each names its section by index
  std::vector<Example> examples;
};

std::string ManualPage(const Manual& manual);

}  // namespace base::settings
