#include "sidecar/store/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace sidecar::store {

namespace fs = std::filesystem;

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

base::Result<base::Fd> Touch(const std::string& path) {
  base::Fd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (fd.valid()) return fd;
  const int problem = errno;
  const fs::path folder = fs::path(path).parent_path();
  std::error_code unknown;
  if (problem == ENOENT && !folder.empty() && !fs::exists(folder, unknown)) {
    return base::Error{base::ErrorCode::kNotFound,
                       "the directory " + folder.string() + " does not exist"};
  }
  if (problem == ENOTDIR) {
    return base::Error{base::ErrorCode::kInvalid, folder.string() + " is not a directory"};
  }
  return base::ErrnoError(path, problem);
}

base::Status SyncFolderOf(const std::string& path) {
  const std::string folder = fs::path(path).parent_path();
  const base::Fd fd(open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.valid() && fsync(fd.get()) == 0) return {};
  return base::ErrnoError("syncing the folder of " + path, errno);
}

std::optional<FileId> IdOf(const std::string& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) return std::nullopt;
  return FileId(file.st_dev, file.st_ino);
}

bool ReadAt(const base::Fd& file, std::int64_t at, std::string* bytes) {
  std::size_t done = 0;
  while (done < bytes->size()) {
    const ssize_t got = pread(file.get(), bytes->data() + done, bytes->size() - done,
                              at + static_cast<std::int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

base::Status WriteAt(const base::Fd& file, std::int64_t at, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = pwrite(file.get(), bytes.data(), bytes.size(), at);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return base::ErrnoError("writing", put < 0 ? errno : ENOSPC);
    bytes.remove_prefix(static_cast<std::size_t>(put));
    at += put;
  }
  return {};
}

bool IsPageSize(std::uint32_t bytes) {
  return bytes >= 512 && bytes <= 65536 && (bytes & (bytes - 1)) == 0;
}

}  // namespace sidecar::store
