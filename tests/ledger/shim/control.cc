#include "tests/ledger/shim/control.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace ledger {
namespace {

Control* Map() {
  const char* path = std::getenv("LEDGER_CONTROL");
  if (path == nullptr) return nullptr;
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) std::abort();
  void* map = mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) std::abort();
  close(fd);
  return static_cast<Control*>(map);
}

}  // namespace

Control* TheControl() {
  static Control* const control = Map();
  return control;
}

void Reach(std::string_view step) {
  Control* control = TheControl();
  if (control == nullptr || control->countdown <= 0 || step != control->kill_at) return;
  if (control->countdown.fetch_sub(1) != 1) return;
  std::memcpy(control->killed_at, control->kill_at, sizeof(control->killed_at));
  kill(getpid(), SIGKILL);
  while (true) pause();
}

int WriteFault() {
  const Control* control = TheControl();
  if (control == nullptr) return 0;
  switch (Disk{control->disk.load()}) {
    case Disk::kWell:
      return 0;
    case Disk::kFull:
      return ENOSPC;
    case Disk::kReadOnly:
      return EROFS;
  }
  return 0;
}

}  // namespace ledger
