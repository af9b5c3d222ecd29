#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// Private to settings: the lines of a --config file.
//
// CLI11 has a reader of its own, but it cuts a value at a # inside quotes and splits one that holds
// a space or a comma, without a word.
namespace base::settings {

struct FileLine {
  int number = 0;  // from 1
  std::string key;
  std::vector<std::string> values;  // one, unless it was a list
};

// `key = value`, `key = "value"` (with \" and \\) or `key = ["a", "b"]`, one a line; # comments and
// blank lines. Every line that is none of these adds "line 3: what is wrong" to *mistakes.
std::vector<FileLine> ParseFile(std::string_view text, std::vector<std::string>* mistakes);

}  // namespace base::settings
