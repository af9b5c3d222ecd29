#include "base/settings.h"
#include "tests/fuzz/fuzz.h"

FUZZ_TEXT(text) {
  const auto duration = base::ParseDuration(std::string(text));
  if (!duration) return;
  PROMISE(duration->count() >= 0);
  PROMISE(!text.empty() && text.front() >= '0' && text.front() <= '9');
  PROMISE(base::ParseDuration(base::FormatDuration(*duration)) == duration);
}
