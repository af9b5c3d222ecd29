#pragma once

#include "base/result.h"
#include "sidecar/store/database.h"

namespace sidecar::store {

// Brings a new or older file to the newest schema, one transaction per step, remembered in
// PRAGMA user_version. Steps are only ever appended, and a step only adds: new tables, new indexes,
// new columns with a default. So an older program serves a newer file, which it leaves as it is: a
// release can be taken back. kCorrupt: the file's version says another thing than its tables.
base::Status Migrate(const Database& database);

}  // namespace sidecar::store
