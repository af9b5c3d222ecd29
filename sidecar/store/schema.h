#pragma once

#include "base/result.h"
#include "sidecar/store/database.h"

namespace sidecar::store {

// Brings a new or older file to the newest schema, one transaction per step, remembered in
// PRAGMA user_version. Steps are only ever appended. kInvalid: the file is from a newer program.
base::Status Migrate(const Database& database);

}  // namespace sidecar::store
