#include "base/memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace base {
namespace {

// Called for the program and each library. 0: go on with the next.
int DropReadOnlySegments(dl_phdr_info* object, std::size_t, void*) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t begin = (object->dlpi_addr + segment.p_vaddr) / page * page;
    const std::uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    // A failure costs memory and nothing else.
    (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);  // NOLINT
  }
  return 0;
}

}  // namespace

void UseOneHeap() { mallopt(M_ARENA_MAX, 1); }

void ReturnFreeMemory() { malloc_trim(0); }

void ReturnStartupMemory() {
  ReturnFreeMemory();
  dl_iterate_phdr(DropReadOnlySegments, nullptr);
}

}  // namespace base
