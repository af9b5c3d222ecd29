#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "sidecar/store/schema.h"
#include "tests/fuzz/fuzz.h"

namespace fuzz {

// An empty history of the process' own.
inline const sidecar::store::Database& History() {
  using sidecar::store::Database;
  static const auto database = [] {
    std::string folder = (std::filesystem::temp_directory_path() / "history-fuzz-XXXXXX").string();
    PROMISE(mkdtemp(folder.data()) != nullptr);
    auto opened = Database::Open(folder + "/history.db", Database::Mode::kWriter);
    PROMISE(opened.ok());
    PROMISE(sidecar::store::Migrate(*opened).ok());
    std::filesystem::remove_all(folder);  // the open file lives on
    return std::make_unique<Database>(std::move(*opened));
  }();
  return *database;
}

}  // namespace fuzz
