#include <sys/prctl.h>

#include "base/service.h"
#include "sidecar/app.h"

int main(int argc, char** argv) {
  // The model beside us may be under attack and has our uid: it must not read our memory.
  prctl(PR_SET_DUMPABLE, 0);
  return base::RunService<sidecar::App>("fraud-sidecar", sidecar::ParseOptions(argc, argv));
}
