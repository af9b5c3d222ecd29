#pragma once

#include <stdlib.h>

#include <initializer_list>
#include <map>
#include <string>
#include <utility>

namespace support {

// Variables of the environment for one test, unset with it.
class Environment {
 public:
  // Environment environment{{"NAME", "value"}};
  Environment(std::initializer_list<std::pair<const std::string, std::string>> variables)
      : variables_(variables) {
    for (const auto& [name, value] : variables_) setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const auto& [name, value] : variables_) unsetenv(name.c_str());
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const std::map<std::string, std::string> variables_;
};

}  // namespace support
