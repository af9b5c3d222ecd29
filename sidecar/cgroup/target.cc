#include "sidecar/cgroup/target.h"

#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "base/file.h"
#include "sidecar/cgroup/files.h"

namespace sidecar::cgroup {
namespace {

using base::Error;
using base::ErrorCode;

// A set of mounts and the folder below which their mount points are visible to us.
struct View {
  std::string prefix;
  std::vector<CgroupMount> mounts;
};

bool IsDirectory(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::optional<View> ReadView(const std::string& mountinfo, const std::string& prefix) {
  const auto text = base::ReadFile(mountinfo);
  if (!text) return std::nullopt;
  return View{.prefix = prefix, .mounts = ParseMountInfo(*text)};
}

std::vector<View> Views(const std::string& root, std::optional<int> pid) {
  std::vector<View> views;
  if (auto own = ReadView(root + "/proc/self/mountinfo", root)) views.push_back(std::move(*own));
  if (pid) {
    const std::string proc = root + "/proc/" + std::to_string(*pid);
    if (auto theirs = ReadView(proc + "/mountinfo", proc + "/root")) {
      views.push_back(std::move(*theirs));
    }
  }
  return views;
}

// A directory of a hierarchy, and how far up from it the mount reaches.
struct Found {
  std::string directory;  // "": none
  std::string top;
};

// The directory of `controller` ("" for v2).
Found FindDirectory(const std::vector<View>& views, const GroupPaths& paths,
                    const std::string& controller) {
  const auto path = paths.find(controller);
  if (path == paths.end()) return {};
  for (const View& view : views) {
    for (const CgroupMount& mount : view.mounts) {
      const auto& names = mount.controllers;
      const bool fits = controller.empty()
                            ? mount.v2
                            : std::find(names.begin(), names.end(), controller) != names.end();
      const auto below = fits ? BelowMount(mount, path->second) : std::nullopt;
      if (!below) continue;
      const std::string top = view.prefix + mount.mount_point;
      if (IsDirectory(top + *below)) return {.directory = top + *below, .top = top};
    }
  }
  return {};
}

// The directories above it up to the mount point, the nearest first.
std::vector<std::string> Parents(const Found& found) {
  constexpr std::size_t kDeepest = 32;
  std::vector<std::string> parents;
  std::string directory = found.directory;
  while (directory.size() > found.top.size() && parents.size() < kDeepest) {
    directory.resize(directory.rfind('/'));
    parents.push_back(directory);
  }
  return parents;
}

std::optional<Location> Search(const std::vector<View>& views, const GroupPaths& paths) {
  const Found cpu = FindDirectory(views, paths, "cpu");
  const Found usage = FindDirectory(views, paths, "cpuacct");
  if (!cpu.directory.empty() && !usage.directory.empty()) {
    return Location{.source = Source::kCgroupV1,
                    .cgroup = paths.at("cpu"),
                    .cpu_dir = cpu.directory,
                    .cpu_parents = Parents(cpu),
                    .usage_dir = usage.directory,
                    .memory_dir = FindDirectory(views, paths, "memory").directory};
  }
  const Found unified = FindDirectory(views, paths, "");
  if (unified.directory.empty()) return std::nullopt;
  return Location{.source = Source::kCgroupV2,
                  .cgroup = paths.at(""),
                  .cpu_dir = unified.directory,
                  .cpu_parents = Parents(unified),
                  .usage_dir = unified.directory,
                  .memory_dir = unified.directory};
}

base::Result<Location> LocateGroup(const std::string& root, const std::string& group) {
  if (!group.starts_with('/') || group == "/") {
    return Error{ErrorCode::kInvalid, "control group \"" + group +
                                          "\" is not a path as in /proc/PID/cgroup, such as /a/b"};
  }
  const GroupPaths paths{{"cpu", group}, {"cpuacct", group}, {"memory", group}, {"", group}};
  if (auto found = Search(Views(root, std::nullopt), paths)) return *found;
  return Error{ErrorCode::kNotFound, "no control group " + group + " in any mounted hierarchy"};
}

base::Result<Location> LocateProcess(const std::string& root, int pid, Choice choice) {
  const std::string name = "process " + std::to_string(pid);
  const auto text = base::ReadFile(root + "/proc/" + std::to_string(pid) + "/cgroup");
  if (!text) {
    const bool gone = text.error().code == ErrorCode::kNotFound;
    return gone ? Error{ErrorCode::kNotFound, "no " + name} : text.error().Wrap(name);
  }
  if (choice == Choice::kProc) return Location{};  // before anything else is opened
  const GroupPaths paths = ParseProcCgroup(*text);
  const auto own = base::ReadFile(root + "/proc/self/cgroup");
  const std::string group = CpuGroup(paths);
  const bool alone = group != "/" && !(own && group == CpuGroup(ParseProcCgroup(*own)));
  const auto found = alone ? Search(Views(root, pid), paths) : std::nullopt;
  if (found) return *found;
  if (choice == Choice::kAuto) return Location{};
  return Error{ErrorCode::kNotFound, name + " has no readable control group of its own"};
}

}  // namespace

std::string Mistake(const TargetSpec& spec) {
  const bool group = !spec.cgroup.empty();
  if (spec.pid && group) return "--target-pid, --target-cgroup: give one of the two";
  if (spec.command && (spec.pid || group)) {
    return "--target-command: finds the target, which --target-pid or --target-cgroup gives";
  }
  if (group && spec.choice == Choice::kProc) {
    return "--cpu-source: proc reads no control group, as --target-cgroup wants";
  }
  if (!spec.strict) return "";
  if (group) return "--isolation: strict reads no control group, as --target-cgroup wants";
  if (spec.choice == Choice::kCgroup) {
    return "--isolation: strict reads no control group, as --cpu-source wants";
  }
  if (spec.command) return "--isolation: strict believes no command line, as --target-command does";
  return "";
}

base::Result<Location> Locate(const std::string& root, const TargetSpec& spec,
                              std::optional<int> pid) {
  const std::string mistake = Mistake(spec);
  if (!mistake.empty()) return Error{ErrorCode::kInvalid, mistake};
  if (!pid) return LocateGroup(root, spec.cgroup);
  return LocateProcess(root, *pid, spec.strict ? Choice::kProc : spec.choice);
}

}  // namespace sidecar::cgroup
