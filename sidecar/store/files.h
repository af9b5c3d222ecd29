#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/result.h"

// The history as files of a folder.
namespace sidecar::store {

bool Exists(const std::string& path);
// The file, made for its owner alone when it is missing: SQLite gives its -wal and -shm the same
// mode. The Error names the directory when that is what is missing.
base::Result<base::Fd> Touch(const std::string& path);
// Which file a name stands for; nullopt: none that can be seen.
using FileId = std::pair<std::uint64_t, std::uint64_t>;
std::optional<FileId> IdOf(const std::string& path);
// Names in the folder of `path` are on disk: a file that was made or renamed stays.
base::Status SyncFolderOf(const std::string& path);
// Fills `bytes` from there; false when there are not so many, or they cannot be read.
bool ReadAt(const base::Fd& file, std::int64_t at, std::string* bytes);
base::Status WriteAt(const base::Fd& file, std::int64_t at, std::string_view bytes);
// 512 to 65536, a power of two.
bool IsPageSize(std::uint32_t bytes);

}  // namespace sidecar::store
