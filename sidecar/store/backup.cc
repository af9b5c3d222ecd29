#include "sidecar/store/backup.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "sidecar/store/database.h"
#include "sidecar/store/files.h"

namespace sidecar::store {
namespace {

using base::Error;
using base::ErrorCode;

base::Status IsThere(const std::string& to) {
  return Error{ErrorCode::kInvalid, to + " is there already, and is not written over"};
}

// TO.part, empty, and this process' alone.
base::Result<base::Fd> BeginPart(const std::string& part, const std::string& to) {
  auto fd = Touch(part);
  if (!fd) return fd;
  if (flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorCode::kBusy, "another backup is writing " + part};
  }
  // Looked at under the lock: who held it before may just have made `to` of this very file.
  if (Exists(to)) {
    (void)unlink(part.c_str());
    return IsThere(to).error();
  }
  if (ftruncate(fd->get(), 0) != 0 || fchmod(fd->get(), 0600) != 0) {
    return base::ErrnoError(part, errno);
  }
  return fd;
}

base::Status Copy(const std::string& from, const std::string& part) {
  const auto history = Database::Open(from, Database::Mode::kReader);
  if (!history) return history.error();
  // The connection still cannot write to the file it reads.
  if (auto free = history->Execute("PRAGMA query_only=OFF"); !free) return free;
  auto copied = history->Prepare("VACUUM INTO ?").Bind(part).Run();
  return copied ? copied : base::Status(copied.error().Wrap("copying " + from));
}

base::Result<std::int64_t> CountEpisodes(const std::string& path) {
  const auto copy = Database::Open(path, Database::Mode::kReader);
  if (!copy) return copy.error();
  Statement query = copy->Prepare("SELECT count(*) FROM episodes");
  if (query.Next()) return query.Int(0);
  return query.status().error().Wrap("the copy is no history");
}

base::Status Publish(const base::Fd& fd, const std::string& part, const std::string& to) {
  if (fsync(fd.get()) != 0) return base::ErrnoError("syncing " + part, errno);
  int failed = renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE);
  // Network file systems do not know how to.
  if (failed != 0 && errno == EINVAL) failed = std::rename(part.c_str(), to.c_str());
  if (failed != 0 && errno == EEXIST) return IsThere(to);
  if (failed != 0) return base::ErrnoError("renaming " + part, errno);
  return SyncFolderOf(to);
}

base::Result<BackupSize> Write(const std::string& from, const base::Fd& fd, const std::string& part,
                               const std::string& to) {
  if (const auto copied = Copy(from, part); !copied) return copied.error();
  const auto episodes = CountEpisodes(part);
  if (!episodes) return episodes.error();
  struct stat file {};
  if (fstat(fd.get(), &file) != 0) return base::ErrnoError(part, errno);
  if (const auto published = Publish(fd, part, to); !published) return published.error();
  return BackupSize{.bytes = file.st_size, .episodes = *episodes};
}

}  // namespace

base::Result<BackupSize> Backup(const std::string& from, const std::string& to) {
  if (access(from.c_str(), R_OK) != 0) return base::ErrnoError(from, errno);
  const std::string part = to + ".part";
  const auto fd = BeginPart(part, to);
  if (!fd) return fd.error();
  auto size = Write(from, *fd, part, to);
  if (!size) (void)unlink(part.c_str());
  return size;
}

}  // namespace sidecar::store
