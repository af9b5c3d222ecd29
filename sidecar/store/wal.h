#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"
#include "base/result.h"

namespace sidecar::store {

// Writes the pages of the transactions in a write-ahead log to their places in `to`, as SQLite
// would: those of whole transactions, up to the first page whose checksum is wrong. Without SQLite,
// as that first wants a database that makes sense. Returns the size of a page in bytes, 0 when
// there is no log, or none that can be read. Errors: those of writing `to`.
base::Result<std::uint32_t> ApplyWal(const std::string& wal, const base::Fd& to);

}  // namespace sidecar::store
