#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace sidecar::store {

struct BackupSize {
  std::int64_t bytes = 0;
  std::int64_t episodes = 0;
};

// Copies the history `from`, as it is at one moment, to the new file `to`, readable by its owner
// alone. Whoever has the history open goes on: it is read only, never checkpointed, and its lock is
// left alone. `to` appears when it is whole and on disk; until then it is TO.part, which goes when
// the copy fails. Errors: kInvalid `to` is there already, kNotFound, kDenied, kBusy another backup
// is writing TO.part, kCorrupt, kFull, kIo.
base::Result<BackupSize> Backup(const std::string& from, const std::string& to);

}  // namespace sidecar::store
