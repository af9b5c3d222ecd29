#include "sidecar/store/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace sidecar::store {

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

base::Result<base::Fd> Touch(const std::string& path) {
  base::Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) return base::ErrnoError(path, errno);
  return fd;
}

base::Status SyncFolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path();
  const base::Fd fd(open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.valid() && fsync(fd.get()) == 0) return {};
  return base::ErrnoError("syncing the folder of " + path, errno);
}

}  // namespace sidecar::store
