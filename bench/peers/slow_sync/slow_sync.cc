// Preloaded into a program, makes each of its syncs to disk take SYNC_MS longer, as on a disk that
// is really written to. Compiled by bench/bridge_bare.py; no part of any product.
#include <dlfcn.h>
#include <poll.h>

namespace {

int Slowly(const char* name, int fd) {
  poll(nullptr, 0, SYNC_MS);
  return reinterpret_cast<int (*)(int)>(dlsym(RTLD_NEXT, name))(fd);
}

}  // namespace

extern "C" int fsync(int fd) { return Slowly("fsync", fd); }
extern "C" int fdatasync(int fd) { return Slowly("fdatasync", fd); }
