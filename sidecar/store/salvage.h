#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "sidecar/store/database.h"

namespace sidecar::store {

struct SalvagedTable {
  std::string name;
  std::int64_t rows = 0;      // copied
  std::int64_t left_out = 0;  // read, but against the rules of the new table
  bool whole = false;         // all of it could be read
};

// Copies what can be read of `damaged` into `fresh`, a new file with today's schema: table by
// table, each by rowid, around the pages that cannot be read, from both sides. A reference to a row
// that is gone becomes null where it may be; else the row is left out. Ids of lost rows are not
// given again, as messages are known by them. Errors are those of `fresh`; damage is never one.
base::Result<std::vector<SalvagedTable>> Salvage(const Database& damaged, const Database& fresh);

}  // namespace sidecar::store
