#pragma once

#include <cstdint>
#include <functional>
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

// The damaged file as a database, null: it is none. The same one each time.
using Source = std::function<const Database*()>;

// Copies what can be read of a damaged file into `fresh`, a new one with today's schema: table by
// table, each by rowid, around the pages that cannot be read, from both sides. First as the file's
// own schema has it; what is not whole by that, then by its pages (gather.h), and rows that are
// there already stay. A reference to a row that is gone becomes null where it may be; else the row
// is left out. Ids of lost rows are not given again, as messages are known by them. Errors are
// those of `fresh`; damage is never one.
base::Result<std::vector<SalvagedTable>> Salvage(const Source& by_schema, const Source& by_pages,
                                                 const Database& fresh);

}  // namespace sidecar::store
