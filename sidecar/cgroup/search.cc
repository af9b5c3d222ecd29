#include "sidecar/cgroup/search.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>

#include "base/file.h"
#include "sidecar/cgroup/files.h"

namespace sidecar::cgroup {
namespace {

using base::Error;
using base::ErrorCode;

std::optional<int> PidOf(const std::string& name) {
  int pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  if (error != std::errc() || end != name.data() + name.size() || pid <= 0) return std::nullopt;
  return pid;
}

// The pids in /proc; they may end while they are looked at.
base::Result<std::vector<int>> Pids(const std::string& proc) {
  std::vector<int> pids;
  std::error_code failed;
  std::filesystem::directory_iterator entry(proc, failed);
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    if (const auto pid = PidOf(entry->path().filename().string())) pids.push_back(*pid);
    if (pids.size() > kMaxProcesses) {
      return Error{ErrorCode::kFull,
                   "more than " + std::to_string(kMaxProcesses) + " processes to search"};
    }
  }
  if (failed) return base::ErrnoError(proc, failed.value());
  return pids;
}

// nullopt: ended, about to be, or nothing that its owner could choose (a kernel thread).
std::optional<Candidate> Look(const std::string& proc, int pid, bool with_command) {
  const std::string directory = proc + "/" + std::to_string(pid);
  const auto groups = base::ReadFile(directory + "/cgroup");
  const auto text = base::ReadFile(directory + "/stat");
  if (!groups || !text) return std::nullopt;
  const auto stat = ParseProcStat(*text);
  if (!stat || stat->Ended()) return std::nullopt;
  Candidate found{.pid = pid,
                  .start_time = stat->start_time,
                  .group = CpuGroup(ParseProcCgroup(*groups)),
                  .name = stat->name,
                  .command = {}};
  if (!with_command) return found;
  auto command = base::ReadFile(directory + "/cmdline", CommandPattern::kMaxCommand);
  if (!command) return std::nullopt;
  std::replace(command->begin(), command->end(), '\0', ' ');
  found.command = std::move(*command);
  return found;
}

// The root group, or one above the sidecar's own as a private namespace shows it.
bool HoldsOthers(const std::string& group) {
  return group.empty() || group == "/" || group.ends_with("/..");
}

std::string Names(const std::map<std::string, const Candidate*>& fitting) {
  constexpr std::size_t kMost = 5;
  std::string names;
  std::size_t count = 0;
  for (const auto& [group, process] : fitting) {
    if (count++ == kMost) return names + ", ...";
    names += (names.empty() ? "" : ", ") + group + " (process " + std::to_string(process->pid) +
             ", " + process->name + ")";
  }
  return names;
}

}  // namespace

base::Result<CommandPattern> CommandPattern::Parse(const std::string& text) {
  if (text.empty() || text.size() > kMaxLength) {
    return Error{ErrorCode::kInvalid,
                 "needs 1 to " + std::to_string(kMaxLength) + " bytes of a regular expression"};
  }
  try {
    // libstdc++'s own flag. Its usual matcher goes back and calls itself for each character: the
    // model could make its command line one that takes for ever or all of the stack.
    return CommandPattern(text, std::regex(text, std::regex::ECMAScript | std::regex::nosubs |
                                                     std::regex_constants::__polynomial));
  } catch (const std::regex_error& error) {
    return Error{ErrorCode::kInvalid, "\"" + text + "\" is no regular expression: " + error.what()};
  }
}

bool CommandPattern::Matches(const std::string& command) const {
  return std::regex_search(command.substr(0, kMaxCommand), pattern_);
}

base::Result<Candidate> Choose(const std::vector<Candidate>& processes,
                               const std::string& own_group, const CommandPattern* pattern) {
  std::string pause;
  for (const Candidate& process : processes) {
    if (process.pid == 1) pause = process.group;
  }
  std::map<std::string, const Candidate*> fitting;  // the oldest by group
  for (const Candidate& process : processes) {
    const std::string& group = process.group;
    if (group == own_group || group == pause || HoldsOthers(group)) continue;
    if (pattern != nullptr && !pattern->Matches(process.command)) continue;
    const Candidate*& oldest = fitting[group];
    if (oldest == nullptr ||
        std::tie(process.start_time, process.pid) < std::tie(oldest->start_time, oldest->pid)) {
      oldest = &process;
    }
  }
  if (fitting.size() == 1) return *fitting.begin()->second;
  if (fitting.size() > 1) {
    return Error{ErrorCode::kNotFound,
                 "more than one container may be the model: " + Names(fitting) +
                     "; a narrower --target-command tells them apart"};
  }
  if (pattern != nullptr) {
    return Error{ErrorCode::kNotFound,
                 "no other container runs a command like \"" + pattern->text() + "\""};
  }
  return Error{ErrorCode::kNotFound, "no process of another container is to be seen"};
}

base::Result<Candidate> FindProcess(const std::string& root, const CommandPattern* pattern) {
  const std::string proc = root + "/proc";
  const auto own = base::ReadFile(proc + "/self/cgroup");
  if (!own) return own.error();
  const auto pids = Pids(proc);
  if (!pids) return pids.error();
  std::vector<Candidate> processes;
  processes.reserve(pids->size());
  for (const int pid : *pids) {
    if (auto found = Look(proc, pid, pattern != nullptr)) processes.push_back(std::move(*found));
  }
  return Choose(processes, CpuGroup(ParseProcCgroup(*own)), pattern);
}

}  // namespace sidecar::cgroup
