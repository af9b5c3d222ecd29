#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "sidecar/store/database.h"
#include "sidecar/store/salvage.h"

// The history file at the start: checked, and mended as far as it can be.
namespace sidecar::store {

// kInvalid: `path` is a file that is no SQLite database, or that of another program, and no history
// was ever kept there (no FILE.lock is beside it): a mistyped name. Leaves it as it is.
base::Status CheckIsHistory(const std::string& path);

// The writing connection to a file that was checked and has the newest schema. The caller holds the
// lock. A corrupt file is set aside as FILE.corrupt-MILLISECONDS, and what can be read of it is
// copied into a new one, which takes its place when it is complete: a start that is cut short
// begins the copy anew. kFull: the copy found no room, FILE.corrupt-MILLISECONDS waits for the next
// start. *recovered is what could be read, when that was done.
base::Result<Database> OpenOrRecover(const std::string& path, base::WallMs now,
                                     std::vector<SalvagedTable>* recovered);

// How many FILE.corrupt-MILLISECONDS there are.
int CountAside(const std::string& path);

}  // namespace sidecar::store
