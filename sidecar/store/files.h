#pragma once

#include <string>

#include "base/file.h"
#include "base/result.h"

// The history as files of a folder.
namespace sidecar::store {

bool Exists(const std::string& path);
// The file, made for its owner alone when it is missing: SQLite gives its -wal and -shm the same
// mode.
base::Result<base::Fd> Touch(const std::string& path);
// Names in the folder of `path` are on disk: a file that was made or renamed stays.
base::Status SyncFolderOf(const std::string& path);

}  // namespace sidecar::store
