#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sidecar/store/database.h"

// Which table a page of an SQLite file belongs to, told by its rows alone. Nothing on a page says
// so, but the tables of the history differ in the number and types of their columns. Pure.
namespace sidecar::store {

// Ids beyond this are damage, and one at the very end would leave no room for new ones.
inline constexpr std::int64_t kMaxId = std::int64_t{1} << 53;

// A table as its rows look on a page.
struct Shape {
  enum class Kind { kInteger, kText, kBlob, kOther };
  struct Column {
    Kind kind = Kind::kOther;
    bool may_be_null = false;    // an id is null on its page: it is the rowid
    bool may_be_absent = false;  // in rows that are older than the column
  };
  std::string table;
  std::vector<Column> columns;
};

// Of every table of `fresh`, a file with today's schema, also SQLite's own.
base::Result<std::vector<Shape>> ShapesOf(const Database& fresh);

// A page with rows of one table, as far as they can be read.
struct Leaf {
  std::size_t shape = 0;   // of the shapes that were asked for
  std::uint32_t page = 0;  // its number, which the caller knows
  std::int64_t first = 0;  // the least and the greatest rowid
  std::int64_t last = 0;
  int rows = 0;
};

// nullopt: no rows of these tables are on it. Any bytes will do; `page` has 512 at least.
std::optional<Leaf> ReadLeaf(std::string_view page, const std::vector<Shape>& shapes);

}  // namespace sidecar::store
