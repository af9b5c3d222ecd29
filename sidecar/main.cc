#include <sys/prctl.h>

#include <string_view>

#include "base/memory.h"
#include "base/service.h"
#include "sidecar/app.h"
#include "sidecar/backup_command.h"

int main(int argc, char** argv) {
  // The model beside us may be under attack and has our uid: it must not read our memory.
  prctl(PR_SET_DUMPABLE, 0);
  base::UseOneHeap();
  if (argc > 1 && std::string_view(argv[1]) == "backup") {
    return sidecar::RunBackup(argc - 1, argv + 1);
  }
  return base::RunService<sidecar::App>("fraud-sidecar", sidecar::ParseOptions(argc, argv));
}
