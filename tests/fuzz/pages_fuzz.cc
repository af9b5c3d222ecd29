#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "sidecar/store/files.h"
#include "sidecar/store/leaves.h"
#include "sidecar/store/wal.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/history.h"

// The bytes as a page of a damaged history, and as its write-ahead log.

namespace {

namespace store = sidecar::store;

constexpr std::size_t kSmallestPage = 512;

void ReadAsPage(std::string_view bytes) {
  static const auto shapes = store::ShapesOf(fuzz::History());
  PROMISE(shapes.ok());
  std::string page(bytes);
  page.resize(std::max(page.size(), kSmallestPage));
  const auto leaf = store::ReadLeaf(page, *shapes);
  if (!leaf) return;
  PROMISE(leaf->shape < shapes->size());
  PROMISE(leaf->rows > 0 && leaf->first >= 0 && leaf->first <= leaf->last);
  PROMISE(leaf->last < store::kMaxId);
}

void ReadAsLog(std::string_view bytes) {
  const base::Fd log(memfd_create("log", MFD_CLOEXEC));
  const base::Fd to(memfd_create("to", MFD_CLOEXEC));
  PROMISE(log.valid() && to.valid());
  PROMISE(store::WriteAt(log, 0, bytes).ok());
  const auto page_bytes = store::ApplyWal("/proc/self/fd/" + std::to_string(log.get()), to);
  PROMISE(page_bytes.ok());
  PROMISE(*page_bytes == 0 || store::IsPageSize(*page_bytes));
  // Sparse, so the place of a page costs nothing; what is written was read.
  if (*page_bytes == 0) PROMISE(lseek(to.get(), 0, SEEK_END) == 0);
}

}  // namespace

FUZZ_TEXT(bytes) {
  ReadAsPage(bytes);
  ReadAsLog(bytes);
}
