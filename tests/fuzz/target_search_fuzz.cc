#include <charconv>
#include <vector>

#include "sidecar/cgroup/files.h"
#include "sidecar/cgroup/search.h"
#include "tests/fuzz/fuzz.h"

namespace cgroup = sidecar::cgroup;

namespace {

// "PID START GROUP COMMAND", as no kernel says it: what a hostile pod could put together.
cgroup::Candidate Process(std::string_view line) {
  cgroup::Candidate process;
  const std::string pid = fuzz::CutFirst(&line, ' ');
  std::from_chars(pid.data(), pid.data() + pid.size(), process.pid);
  const std::string start = fuzz::CutFirst(&line, ' ');
  std::from_chars(start.data(), start.data() + start.size(), process.start_time);
  process.group = fuzz::CutFirst(&line, ' ');
  process.command = line;
  return process;
}

const cgroup::CommandPattern& Pattern() {
  // One that makes a matcher which goes back take for ever.
  static const cgroup::CommandPattern pattern = *cgroup::CommandPattern::Parse("^(a|a?)+(.*m)*$");
  return pattern;
}

bool Fits(const cgroup::Candidate& process, const cgroup::CommandPattern* pattern) {
  return pattern == nullptr || pattern->Matches(process.command);
}

}  // namespace

FUZZ_TEXT(text) {
  const std::string own = cgroup::CpuGroup(cgroup::ParseProcCgroup(fuzz::CutFirst(&text, '\n')));
  std::vector<cgroup::Candidate> processes;
  while (!text.empty() && processes.size() < 16) {
    processes.push_back(Process(fuzz::CutFirst(&text, '\n')));
  }
  for (const cgroup::CommandPattern* pattern :
       {static_cast<const cgroup::CommandPattern*>(nullptr), &Pattern()}) {
    const auto chosen = cgroup::Choose(processes, own, pattern);
    if (!chosen) {
      PROMISE(!chosen.error().message.empty());
      continue;
    }
    PROMISE(!chosen->group.empty() && chosen->group != "/" && chosen->group != own);
    PROMISE(Fits(*chosen, pattern));
    for (const cgroup::Candidate& other : processes) {
      if (other.group != chosen->group || !Fits(other, pattern)) continue;
      PROMISE(chosen->start_time <= other.start_time);
    }
  }
}
