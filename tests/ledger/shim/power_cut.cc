// A VFS for SQLite, before the real one, that keeps what was written since the last sync in memory
// only: with the process it is lost, as it would be in a power cut. Every connection of the process
// sees all that was written, as from the kernel's cache. Nothing outside may write the files
// meanwhile.
#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "tests/ledger/shim/control.h"

namespace ledger {
namespace {

struct Change {
  sqlite3_int64 at = 0;
  std::string data;
  bool truncates = false;  // to `at`
};

// One file, whoever holds it open.
struct Kept {
  std::string path;
  std::string seen;  // what it holds for those who read it
  std::vector<Change> unsynced;
  int handles = 0;
};

// SQLite gives the memory; that of the real file follows.
struct File {
  sqlite3_file base;
  sqlite3_file* real;
  Kept* kept;
};

constexpr int kWatched = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;

std::mutex mutex;
std::map<std::string, Kept> files;
sqlite3_vfs* real_vfs = nullptr;

sqlite3_file* Real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real; }
Kept* KeptOf(sqlite3_file* file) { return reinterpret_cast<File*>(file)->kept; }

int Load(sqlite3_file* real, Kept* kept) {
  sqlite3_int64 size = 0;
  if (const int code = real->pMethods->xFileSize(real, &size); code != SQLITE_OK) return code;
  kept->seen.resize(static_cast<std::size_t>(size));
  if (size == 0) return SQLITE_OK;
  return real->pMethods->xRead(real, kept->seen.data(), static_cast<int>(size), 0);
}

// What stays unsynced when a write fails is tried again, all of it: the changes are in order.
int PassOn(sqlite3_file* real, Kept* kept) {
  for (const Change& change : kept->unsynced) {
    const int code = change.truncates
                         ? real->pMethods->xTruncate(real, change.at)
                         : real->pMethods->xWrite(real, change.data.data(),
                                                  static_cast<int>(change.data.size()), change.at);
    if (code != SQLITE_OK) return code;
  }
  kept->unsynced.clear();
  return SQLITE_OK;
}

int PassOnAndSync(sqlite3_file* real, Kept* kept, int flags) {
  const Unwatched quiet;
  const std::lock_guard lock(mutex);
  const int code = PassOn(real, kept);
  return code == SQLITE_OK ? real->pMethods->xSync(real, flags) : code;
}

int Close(sqlite3_file* file) {
  const std::lock_guard lock(mutex);
  Kept* kept = KeptOf(file);
  if (--kept->handles == 0) {
    (void)PassOn(Real(file), kept);  // as the kernel does in its own time
    files.erase(std::string(kept->path));
  }
  return Real(file)->pMethods->xClose(Real(file));
}

int Read(sqlite3_file* file, void* data, int size, sqlite3_int64 at) {
  const std::lock_guard lock(mutex);
  const std::string& seen = KeptOf(file)->seen;
  const auto begin = std::min(static_cast<std::size_t>(at), seen.size());
  const auto got = std::min(static_cast<std::size_t>(size), seen.size() - begin);
  std::memset(data, 0, static_cast<std::size_t>(size));
  std::memcpy(data, seen.data() + begin, got);
  return got == static_cast<std::size_t>(size) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  if (const int fault = WriteFault(); fault != 0) {
    return fault == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  }
  const std::lock_guard lock(mutex);
  Kept* kept = KeptOf(file);
  const auto begin = static_cast<std::size_t>(at);
  const auto length = static_cast<std::size_t>(size);
  if (kept->seen.size() < begin + length) kept->seen.resize(begin + length);
  std::memcpy(kept->seen.data() + begin, data, length);
  kept->unsynced.push_back({.at = at, .data = {static_cast<const char*>(data), length}});
  return SQLITE_OK;
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  const std::lock_guard lock(mutex);
  KeptOf(file)->seen.resize(static_cast<std::size_t>(size));
  KeptOf(file)->unsynced.push_back({.at = size, .truncates = true});
  return SQLITE_OK;
}

int Sync(sqlite3_file* file, int flags) {
  Kept* kept = KeptOf(file);
  BeforeSync(kept->path);
  if (const int code = PassOnAndSync(Real(file), kept, flags); code != SQLITE_OK) return code;
  AfterSync(kept->path);
  return SQLITE_OK;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  const std::lock_guard lock(mutex);
  *size = static_cast<sqlite3_int64>(KeptOf(file)->seen.size());
  return SQLITE_OK;
}

// The rest is the real file's.
int Lock(sqlite3_file* f, int level) { return Real(f)->pMethods->xLock(Real(f), level); }
int Unlock(sqlite3_file* f, int level) { return Real(f)->pMethods->xUnlock(Real(f), level); }
int CheckReservedLock(sqlite3_file* f, int* found) {
  return Real(f)->pMethods->xCheckReservedLock(Real(f), found);
}
int FileControl(sqlite3_file* f, int what, void* argument) {
  return Real(f)->pMethods->xFileControl(Real(f), what, argument);
}
int SectorSize(sqlite3_file* f) { return Real(f)->pMethods->xSectorSize(Real(f)); }
int Traits(sqlite3_file* f) { return Real(f)->pMethods->xDeviceCharacteristics(Real(f)); }
int ShmMap(sqlite3_file* f, int page, int size, int extend, void volatile** map) {
  return Real(f)->pMethods->xShmMap(Real(f), page, size, extend, map);
}
int ShmLock(sqlite3_file* f, int at, int count, int flags) {
  return Real(f)->pMethods->xShmLock(Real(f), at, count, flags);
}
void ShmBarrier(sqlite3_file* f) { Real(f)->pMethods->xShmBarrier(Real(f)); }
int ShmUnmap(sqlite3_file* f, int remove) { return Real(f)->pMethods->xShmUnmap(Real(f), remove); }

// Version 2: without memory-mapped reads, which would pass us by.
constexpr sqlite3_io_methods kMethods = {
    2,           Close,      Read,    Write,  Truncate,
    Sync,        FileSize,   Lock,    Unlock, CheckReservedLock,
    FileControl, SectorSize, Traits,  ShmMap, ShmLock,
    ShmBarrier,  ShmUnmap,   nullptr, nullptr};

int Open(sqlite3_vfs* /*self*/, const char* name, sqlite3_file* file, int flags, int* out) {
  if ((flags & kWatched) == 0) return real_vfs->xOpen(real_vfs, name, file, flags, out);
  auto* wrapped = reinterpret_cast<File*>(file);
  wrapped->base.pMethods = nullptr;
  wrapped->real = reinterpret_cast<sqlite3_file*>(wrapped + 1);
  wrapped->real->pMethods = nullptr;
  if (const int code = real_vfs->xOpen(real_vfs, name, wrapped->real, flags, out); code != 0) {
    return code;
  }
  const std::lock_guard lock(mutex);
  Kept& kept = files[name];
  if (kept.handles == 0) {
    kept.path = name;
    if (const int code = Load(wrapped->real, &kept); code != SQLITE_OK) {
      (void)wrapped->real->pMethods->xClose(wrapped->real);
      files.erase(name);
      return code;
    }
  }
  ++kept.handles;
  wrapped->kept = &kept;
  wrapped->base.pMethods = &kMethods;
  return SQLITE_OK;
}

void PutBeforeTheRealOne() {
  static sqlite3_vfs vfs;
  real_vfs = sqlite3_vfs_find(nullptr);
  vfs = *real_vfs;
  vfs.zName = "power-cut";
  vfs.pNext = nullptr;
  vfs.szOsFile = static_cast<int>(sizeof(File)) + real_vfs->szOsFile;
  vfs.xOpen = Open;
  sqlite3_vfs_register(&vfs, /*makeDflt=*/1);
}

[[gnu::constructor]] void Begin() {
  if (TheControl() != nullptr && TheControl()->power_cut != 0) PutBeforeTheRealOne();
}

}  // namespace
}  // namespace ledger
