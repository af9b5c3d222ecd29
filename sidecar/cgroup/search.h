#pragma once

#include <cstdint>
#include <regex>
#include <string>
#include <vector>

#include "base/result.h"

// Finding the model among the processes that share a pod's process namespace, by control group: a
// container is one group, whatever its processes are called.
namespace sidecar::cgroup {

// A regular expression (ECMAScript, without back-references) that is sought anywhere in a command
// line. Matching takes time linear in the command line, which the model can choose.
class CommandPattern {
 public:
  static constexpr std::size_t kMaxLength = 200;
  static constexpr std::size_t kMaxCommand = 4096;  // the rest of a longer command line is not seen

  // kInvalid: empty, too long, or no regular expression.
  static base::Result<CommandPattern> Parse(const std::string& text);
  [[nodiscard]] bool Matches(const std::string& command) const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  CommandPattern(std::string text, std::regex pattern)
      : text_(std::move(text)), pattern_(std::move(pattern)) {}
  std::string text_;
  std::regex pattern_;
};

// One process, as the search sees it.
struct Candidate {
  int pid = 0;
  std::uint64_t start_time = 0;
  std::string group;    // in which its CPU is counted, as /proc/PID/cgroup shows it
  std::string name;     // of the program, at most 15 bytes: safe to log, as a command line is not
  std::string command;  // words joined by spaces; "" where it was not asked for
};

// The process to measure: the oldest that fits in the only group that fits. The sidecar's own
// group, those above it and that of PID 1 (a pod's pause container) are out. With a pattern a group
// fits by one of its command lines, without one each group does. Pure. kNotFound: no group, or more
// than one; the message names them.
base::Result<Candidate> Choose(const std::vector<Candidate>& processes,
                               const std::string& own_group, const CommandPattern* pattern);

// Choose among the processes in /proc below `root`. Command lines are read only with a pattern.
// kFull: more than kMaxProcesses.
base::Result<Candidate> FindProcess(const std::string& root, const CommandPattern* pattern);
constexpr std::size_t kMaxProcesses = 4096;

}  // namespace sidecar::cgroup
