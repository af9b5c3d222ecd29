#include "sidecar/cgroup/files.h"
#include "tests/fuzz/fuzz.h"

namespace cgroup = sidecar::cgroup;

FUZZ_TEXT(text) {
  const auto groups = cgroup::ParseProcCgroup(text);
  for (const auto& mount : cgroup::ParseMountInfo(text)) {
    PROMISE(!mount.mount_point.empty() && mount.mount_point.front() == '/');
    PROMISE(!mount.v2 || mount.controllers.empty());
    for (const auto& [controller, path] : groups) {
      const auto below = cgroup::BelowMount(mount, path);
      if (!below) continue;
      // Never a way out of the mount, whatever the two files say.
      PROMISE(below->empty() || below->front() == '/');
      PROMISE((*below + "/").find("/../") == std::string::npos);
    }
  }
}
