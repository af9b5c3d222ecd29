#include "base/settings_file.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TEXT(text) {
  std::vector<std::string> mistakes;
  const auto lines = base::settings::ParseFile(text, &mistakes);
  for (const std::string& mistake : mistakes) PROMISE(mistake.starts_with("line "));
  int last = 0;
  for (const auto& line : lines) {
    PROMISE(line.number > last);
    PROMISE(!line.key.empty());
    last = line.number;
  }
}
