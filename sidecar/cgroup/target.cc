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
using Paths = std::map<std::string, std::string>;

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

// The directory of `controller` ("" for v2), or "".
std::string FindDirectory(const std::vector<View>& views, const Paths& paths,
                          const std::string& controller) {
  const auto path = paths.find(controller);
  if (path == paths.end()) return "";
  for (const View& view : views) {
    for (const CgroupMount& mount : view.mounts) {
      const auto& names = mount.controllers;
      const bool fits = controller.empty()
                            ? mount.v2
                            : std::find(names.begin(), names.end(), controller) != names.end();
      const auto below = fits ? BelowMount(mount, path->second) : std::nullopt;
      if (!below) continue;
      std::string directory = view.prefix + mount.mount_point + *below;
      if (IsDirectory(directory)) return directory;
    }
  }
  return "";
}

std::optional<Location> Search(const std::vector<View>& views, const Paths& paths) {
  const std::string cpu = FindDirectory(views, paths, "cpu");
  const std::string usage = FindDirectory(views, paths, "cpuacct");
  if (!cpu.empty() && !usage.empty()) {
    return Location{.source = Source::kCgroupV1,
                    .cgroup = paths.at("cpu"),
                    .cpu_dir = cpu,
                    .usage_dir = usage,
                    .memory_dir = FindDirectory(views, paths, "memory")};
  }
  const std::string unified = FindDirectory(views, paths, "");
  if (unified.empty()) return std::nullopt;
  return Location{.source = Source::kCgroupV2,
                  .cgroup = paths.at(""),
                  .cpu_dir = unified,
                  .usage_dir = unified,
                  .memory_dir = unified};
}

base::Result<Location> LocateGroup(const std::string& root, const std::string& group) {
  if (!group.starts_with('/') || group == "/") {
    return Error{ErrorCode::kInvalid, "control group \"" + group +
                                          "\" is not a path as in /proc/PID/cgroup, such as /a/b"};
  }
  const Paths paths{{"cpu", group}, {"cpuacct", group}, {"memory", group}, {"", group}};
  if (auto found = Search(Views(root, std::nullopt), paths)) return *found;
  return Error{ErrorCode::kNotFound, "no control group " + group + " in any mounted hierarchy"};
}

// The group in which the CPU is counted; "" when there is none.
std::string CpuGroup(const Paths& paths) {
  const auto v1 = paths.find("cpu");
  if (v1 != paths.end()) return v1->second;
  const auto v2 = paths.find("");
  return v2 == paths.end() ? "" : v2->second;
}

base::Result<Location> LocateProcess(const std::string& root, int pid, Choice choice) {
  const std::string name = "process " + std::to_string(pid);
  const auto text = base::ReadFile(root + "/proc/" + std::to_string(pid) + "/cgroup");
  if (!text) {
    const bool gone = text.error().code == ErrorCode::kNotFound;
    return gone ? Error{ErrorCode::kNotFound, "no " + name} : text.error().Wrap(name);
  }
  if (choice == Choice::kProc) return Location{};
  const Paths paths = ParseProcCgroup(*text);
  const auto own = base::ReadFile(root + "/proc/self/cgroup");
  const std::string group = CpuGroup(paths);
  const bool alone = group != "/" && !(own && group == CpuGroup(ParseProcCgroup(*own)));
  const auto found = alone ? Search(Views(root, pid), paths) : std::nullopt;
  if (found) return *found;
  if (choice == Choice::kAuto) return Location{};
  return Error{ErrorCode::kNotFound, name + " has no readable control group of its own"};
}

}  // namespace

base::Result<Location> Locate(const std::string& root, const TargetSpec& spec) {
  if (spec.pid) return LocateProcess(root, *spec.pid, spec.choice);
  if (spec.choice == Choice::kProc) {
    return Error{ErrorCode::kInvalid, "a control group cannot be read through /proc"};
  }
  return LocateGroup(root, spec.cgroup);
}

}  // namespace sidecar::cgroup
