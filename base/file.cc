#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace base {
namespace {

Result<std::string> ReadAll(const Fd& file, const std::string& name, std::size_t max_bytes) {
  std::string text;
  char buffer[4096];
  while (text.size() < max_bytes) {
    const ssize_t got = read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError(name, errno);
    if (got == 0) return text;
    text.append(buffer, std::min(static_cast<std::size_t>(got), max_bytes - text.size()));
  }
  return text;
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

Result<Fd> OpenAt(const Fd& directory, const char* name) {
  Fd file(openat(directory.get(), name, O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return ErrnoError(name, errno);
  return file;
}

Result<std::string> ReadAgain(const Fd& file, const char* name) {
  std::array<char, 8192> buffer;
  std::string text;
  while (true) {
    const auto offset = static_cast<off_t>(text.size());
    const ssize_t got = pread(file.get(), buffer.data(), buffer.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError(name, errno);
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (static_cast<std::size_t>(got) < buffer.size()) return text;
  }
}

Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return ErrnoError(path, errno);
  return ReadAll(file, path, max_bytes);
}

}  // namespace base
