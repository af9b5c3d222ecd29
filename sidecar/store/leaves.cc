#include "sidecar/store/leaves.h"

#include <algorithm>

#include "sidecar/store/big_endian.h"

namespace sidecar::store {
namespace {

constexpr char kRowsOfATable = 13;
constexpr std::size_t kHeadBytes = 8;
constexpr std::size_t kMaxColumns = 100;

Shape::Kind KindOf(const std::string& type) {
  if (type == "INTEGER" || type == "INT") return Shape::Kind::kInteger;
  if (type == "TEXT") return Shape::Kind::kText;
  return type == "BLOB" ? Shape::Kind::kBlob : Shape::Kind::kOther;
}

base::Result<Shape> ShapeOf(const Database& fresh, const std::string& table) {
  using Kind = Shape::Kind;
  // SQLite declares no types for its own.
  if (table == "sqlite_sequence") return Shape{table, {{Kind::kText}, {Kind::kInteger}}};
  Shape shape{.table = table};
  Statement query = fresh.Prepare(
      "SELECT type, \"notnull\", dflt_value NOTNULL FROM pragma_table_info(?) ORDER BY cid");
  query.Bind(table);
  while (query.Next()) {
    const bool may_be_null = query.Int(1) == 0;
    shape.columns.push_back({.kind = KindOf(query.Text(0)),
                             .may_be_null = may_be_null,
                             .may_be_absent = may_be_null || query.Int(2) != 0});
  }
  if (!query.status()) return query.status().error();
  return shape;
}

// Reads numbers of one to nine bytes, the first bit of each byte but the ninth says whether more
// follow.
class Varints {
 public:
  Varints(std::string_view bytes, std::size_t at) : bytes_(bytes), at_(at) {}
  std::optional<std::uint64_t> Next() {
    std::uint64_t number = 0;
    for (int i = 0; i < 9 && at_ < bytes_.size(); ++i) {
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      if (i == 8) return number << 8 | byte;
      number = number << 7 | (byte & 0x7fU);
      if (byte < 0x80) return number;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  std::string_view bytes_;
  std::size_t at_;
};

struct Row {
  std::int64_t id = 0;
  std::vector<std::uint64_t> types;
};

// The row that begins there.
std::optional<Row> ReadRow(std::string_view page, std::size_t at) {
  Varints head(page, at);
  const auto payload = head.Next();
  const auto id = head.Next();
  const std::size_t begin = head.at();
  const auto size = head.Next();
  if (!payload || !id || !size || *id >= std::uint64_t{kMaxId}) return std::nullopt;
  if (*size > *payload || *size > page.size() - begin) return std::nullopt;
  Row row{.id = static_cast<std::int64_t>(*id)};
  Varints types(page.substr(0, begin + *size), head.at());
  while (types.at() < begin + *size) {
    const auto type = types.Next();
    if (!type || row.types.size() == kMaxColumns) return std::nullopt;
    row.types.push_back(*type);
  }
  return row;
}

bool Fits(std::uint64_t type, const Shape::Column& column) {
  if (type == 0) return column.may_be_null;
  if (type >= 12) return column.kind == (type % 2 == 0 ? Shape::Kind::kBlob : Shape::Kind::kText);
  return column.kind == Shape::Kind::kInteger && type != 7 && type <= 9;
}

// How many columns the row has that are unknown, of a newer program maybe; nullopt: it is a row of
// another table. Only behind an id: two texts, as `meta` has them, begin too many rows.
std::optional<std::size_t> UnknownColumns(const Row& row, const Shape& shape) {
  const std::size_t both = std::min(row.types.size(), shape.columns.size());
  if (both == 0) return std::nullopt;
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    const auto& column = shape.columns[i];
    if (i < both ? !Fits(row.types[i], column) : !column.may_be_absent) return std::nullopt;
  }
  const std::size_t unknown = row.types.size() - both;
  if (unknown > 0 && shape.columns[0].kind != Shape::Kind::kInteger) return std::nullopt;
  return unknown;
}

// The shape that leaves the least unknown.
std::optional<std::size_t> ShapeOf(const Row& row, const std::vector<Shape>& shapes) {
  std::optional<std::size_t> best;
  std::size_t least = kMaxColumns;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const auto unknown = UnknownColumns(row, shapes[i]);
    if (!unknown || *unknown >= least) continue;
    least = *unknown;
    best = i;
  }
  return best;
}

}  // namespace

base::Result<std::vector<Shape>> ShapesOf(const Database& fresh) {
  std::vector<Shape> shapes;
  Statement tables = fresh.Prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' UNION ALL SELECT 'sqlite_schema'");
  while (tables.Next()) {
    auto shape = ShapeOf(fresh, tables.Text(0));
    if (!shape) return shape.error();
    shapes.push_back(std::move(*shape));
  }
  if (!tables.status()) return tables.status().error();
  return shapes;
}

std::optional<Leaf> ReadLeaf(std::string_view page, const std::vector<Shape>& shapes) {
  if (page[0] != kRowsOfATable) return std::nullopt;
  const std::size_t cells = GetNumber(page, 3, 2);
  if (kHeadBytes + 2 * cells > page.size()) return std::nullopt;
  std::vector<Leaf> found(shapes.size());
  for (std::size_t i = 0; i < cells; ++i) {
    const std::size_t at = GetNumber(page, kHeadBytes + 2 * i, 2);
    if (at < kHeadBytes + 2 * cells) continue;
    const auto row = ReadRow(page, at);
    const auto shape = row ? ShapeOf(*row, shapes) : std::nullopt;
    if (!shape) continue;
    Leaf& leaf = found[*shape];
    if (leaf.rows > 0 && row->id <= leaf.last) continue;  // rows are in the order of their ids
    if (leaf.rows++ == 0) leaf.first = row->id;
    leaf.last = row->id;
    leaf.shape = *shape;
  }
  const auto most = std::max_element(found.begin(), found.end(),
                                     [](const Leaf& a, const Leaf& b) { return a.rows < b.rows; });
  if (most == found.end() || most->rows == 0) return std::nullopt;
  return *most;
}

}  // namespace sidecar::store
