#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "sidecar/store/database.h"

namespace sidecar::store {

// Makes `to`, a database with the schema of `fresh`, today's, in which the tables are what can be
// found of them in the file `damaged` and its write-ahead log: every page with rows is known by
// those rows (leaves.h), wherever it is, and is put below a new root; of pages that claim the same
// rows, those with the most rows together. So nothing is needed of the header, of the schema in
// page 1, nor of the inner pages; the end may be cut off, and what the disk does not give reads as
// zeros. `damaged` stays as it is. Indexes are empty: read with NOT INDEXED. Needs the room of a
// second copy, and returns the number of pages with rows. Errors: those of `to`.
base::Result<std::int64_t> Gather(const std::string& damaged, const std::string& to,
                                  const Database& fresh);

}  // namespace sidecar::store
