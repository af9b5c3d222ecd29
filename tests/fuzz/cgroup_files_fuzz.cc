#include "sidecar/cgroup/files.h"
#include "tests/fuzz/fuzz.h"

namespace cgroup = sidecar::cgroup;

namespace {

void PromiseLimit(const cgroup::Limit& limit) {
  // A value is positive: a limit of nothing would divide by zero.
  if (limit.kind == cgroup::Limit::Kind::kCores) PROMISE(limit.cores > 0);
}

bool NegativeOrZero(const std::optional<std::int64_t>& number) { return number && *number <= 0; }
bool Negative(const std::optional<std::int64_t>& number) { return number && *number < 0; }

}  // namespace

FUZZ_TEXT(text) {
  PROMISE(!Negative(cgroup::ParseNumber(text)));
  PROMISE(!Negative(cgroup::FindKey(text, "usage_usec")));
  PROMISE(!Negative(cgroup::FindKey(text, "")));
  PROMISE(!Negative(cgroup::ParsePressureTotal(text)));
  PROMISE(!Negative(cgroup::ParseMemoryLimit(text)));
  PromiseLimit(cgroup::ParseCpuMax(text));
  if (const auto number = cgroup::ParseNumber(text)) {
    PROMISE(cgroup::ParseSigned(text) == number);
    // The same counter on a line of its own is found by its key.
    PROMISE(cgroup::FindKey("a 1\nusage_usec " + std::to_string(*number) + "\n", "usage_usec") ==
            number);
  }
  if (const auto stat = cgroup::ParseProcStat(text)) {
    PROMISE(text.find(')') != std::string_view::npos);
    PROMISE(stat->state > ' ');
    PROMISE(text.find('(' + stat->name + ") ") != std::string_view::npos);
  }
  std::string_view rest = text;
  const std::string quota = fuzz::CutFirst(&rest, '\n');
  const cgroup::Limit cfs = cgroup::ParseCfs(quota, rest);
  PromiseLimit(cfs);
  if (NegativeOrZero(cgroup::ParseNumber(rest))) {
    PROMISE(cfs.kind != cgroup::Limit::Kind::kCores);
  }
}
