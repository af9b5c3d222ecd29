#include "sidecar/store/salvage.h"

#include <algorithm>
#include <map>
#include <optional>

#include "sidecar/store/leaves.h"

namespace sidecar::store {
namespace {

constexpr std::int64_t kEnd = kMaxId;
constexpr std::int64_t kBatchRows = 1000;
constexpr std::int64_t kSkippedIds = 1'000'000;

base::Result<std::vector<std::string>> Texts(const Database& database, const std::string& sql,
                                             const std::string& parameter) {
  Statement query = database.Prepare(sql);
  query.Bind(parameter);
  std::vector<std::string> texts;
  while (query.Next()) texts.push_back(query.Text(0));
  if (!query.status()) return query.status().error();
  return texts;
}

base::Result<std::vector<std::string>> Columns(const Database& database, const std::string& table) {
  return Texts(database, "SELECT name FROM pragma_table_info(?)", table);
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

// One table on its way from the damaged file into the new one.
class TableCopy {
 public:
  TableCopy(const Database& damaged, const Database& fresh, std::string table)
      : damaged_(damaged), fresh_(fresh), result_{.name = std::move(table)} {}

  base::Result<SalvagedTable> Run() {
    if (auto prepared = Prepare(); !prepared) return prepared.error();
    if (columns_.empty()) return result_;  // not there, or its description cannot be read
    transaction_.emplace(fresh_);
    if (!transaction_->begun()) return transaction_->begun().error();
    result_.whole = true;
    CopyAll();
    if (!failed_) return failed_.error();
    if (const auto committed = transaction_->Commit(); !committed) return committed.error();
    return result_;
  }

 private:
  enum class End { kReached, kDamaged };

  base::Status Prepare() {
    const auto there = Columns(damaged_, result_.name);
    const auto here = Columns(fresh_, result_.name);
    if (!here) return here.error();
    std::map<std::string, std::string> values;
    for (const std::string& column : *here) values[column] = "?";
    Statement references = fresh_.Prepare(
        "SELECT \"from\", \"table\", coalesce(\"to\", 'rowid') FROM pragma_foreign_key_list(?)");
    references.Bind(result_.name);
    while (references.Next()) {
      const std::string to = references.Text(2);
      values[references.Text(0)] =
          "(SELECT " + to + " FROM " + references.Text(1) + " WHERE " + to + " = ?)";
    }
    if (!references.status()) return references.status();
    std::vector<std::string> inserted;
    for (const std::string& column : there ? *there : std::vector<std::string>()) {
      if (!values.contains(column)) continue;
      columns_.push_back(column);
      inserted.push_back(values[column]);
    }
    insert_ = "INSERT OR IGNORE INTO " + result_.name + " (" + Joined(columns_) + ") VALUES (" +
              Joined(inserted) + ")";
    select_ = "SELECT rowid, " + Joined(columns_) + " FROM " + result_.name +
              " NOT INDEXED WHERE rowid > ? AND rowid < ? ORDER BY rowid";
    return {};
  }

  // Upwards; behind a page that cannot be read the first row that can be is looked for in leaps,
  // and what lies between is read downwards from there.
  void CopyAll() {
    std::int64_t last = 0;
    while (failed_ && Copy("", last, kEnd, &last) == End::kDamaged) {
      result_.whole = false;
      const auto beyond = RowBeyond(last);
      std::int64_t down = beyond.value_or(kEnd);
      (void)Copy(" DESC", last, down, &down);
      if (!beyond) return;
      last = *beyond - 1;
    }
  }

  // Copies the rows between two ids, in order. *last is the newest that was copied.
  End Copy(const char* order, std::int64_t above, std::int64_t below, std::int64_t* last) {
    const bool up = *order == '\0';
    std::int64_t previous = up ? above : below;
    Statement rows = damaged_.Prepare(select_ + order);
    rows.Bind(above).Bind(below);
    while (rows.Next()) {
      const std::int64_t id = rows.Int(0);
      if (up ? id <= previous : id >= previous) return End::kDamaged;  // never in circles
      previous = id;
      *last = id;
      if (failed_ = Insert(rows); !failed_) return End::kReached;
    }
    return rows.status() ? End::kReached : End::kDamaged;
  }

  // The id of the first row that can be read again after `last`; nullopt: none was found.
  std::optional<std::int64_t> RowBeyond(std::int64_t last) {
    for (std::int64_t leap = 1; leap < kEnd - last; leap *= 2) {
      Statement rows = damaged_.Prepare(select_ + " LIMIT 1");
      rows.Bind(last + leap).Bind(kEnd);
      if (rows.Next()) return rows.Int(0);
      if (rows.status()) return std::nullopt;
    }
    return std::nullopt;
  }

  base::Status Insert(const Statement& row) {
    Statement insert = fresh_.Prepare(insert_);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      insert.BindColumn(row, static_cast<int>(i) + 1);
    }
    auto inserted = insert.Run();
    if (!inserted && inserted.error().code != base::ErrorCode::kInvalid) return inserted;
    const bool kept = inserted && fresh_.Changes() > 0;
    ++(kept ? result_.rows : result_.left_out);
    if ((result_.rows + result_.left_out) % kBatchRows != 0) return {};
    if (auto committed = transaction_->Commit(); !committed) return committed;
    transaction_.emplace(fresh_);
    return transaction_->begun();
  }

  const Database& damaged_;
  const Database& fresh_;
  SalvagedTable result_;
  std::vector<std::string> columns_;
  std::string insert_;
  std::string select_;
  std::optional<Transaction> transaction_;
  base::Status failed_;
};

// Whether a table is whole is known by its schema alone. A row that the second source gives again
// is not one that was left out.
base::Result<SalvagedTable> CopyTable(const Source& by_schema, const Source& by_pages,
                                      const Database& fresh, const std::string& table) {
  SalvagedTable copied{.name = table};
  const Database* own = by_schema();
  if (own != nullptr) {
    auto by_own = TableCopy(*own, fresh, table).Run();
    if (!by_own || by_own->whole) return by_own;
    copied = std::move(*by_own);
  }
  const Database* pages = by_pages();
  if (pages == nullptr) return copied;
  const auto more = TableCopy(*pages, fresh, table).Run();
  if (!more) return more.error();
  copied.rows += more->rows;
  if (own == nullptr) copied.left_out = more->left_out;
  return copied;
}

base::Result<std::int64_t> Newest(const Database& database, const std::string& sql) {
  Statement query = database.Prepare(sql);
  if (query.Next()) return query.Int(0);
  if (!query.status()) return query.status().error();
  return 0;
}

// The next id of a table whose ids are never given twice. What the damaged file says is believed
// when it makes sense.
base::Status KeepSequence(const std::vector<const Database*>& sources, const Database& fresh,
                          const std::string& table) {
  const auto top = Newest(fresh, "SELECT max(rowid) FROM " + table);
  if (!top) return top.error();
  std::int64_t next = *top + kSkippedIds;
  for (const Database* damaged : sources) {
    const auto told =
        Newest(*damaged, "SELECT seq FROM sqlite_sequence WHERE name = '" + table + "'");
    if (!told || *told < *top || *told >= *top + 1000 * kSkippedIds) continue;
    next = *told;
    break;
  }
  auto set = fresh.Prepare("DELETE FROM sqlite_sequence WHERE name = ?").Bind(table).Run();
  if (!set) return set;
  return fresh.Prepare("INSERT INTO sqlite_sequence VALUES (?, ?)").Bind(table).Bind(next).Run();
}

}  // namespace

base::Result<std::vector<SalvagedTable>> Salvage(const Source& by_schema, const Source& by_pages,
                                                 const Database& fresh) {
  // In the order of their making: what a row refers to comes before it.
  const auto tables = Texts(fresh,
                            "SELECT name FROM sqlite_schema"
                            " WHERE type = 'table' AND name NOT LIKE ? ORDER BY rowid",
                            "sqlite_%");
  if (!tables) return tables.error();
  std::vector<SalvagedTable> salvaged;
  salvaged.reserve(tables->size());
  bool whole = true;
  for (const std::string& table : *tables) {
    auto copied = CopyTable(by_schema, by_pages, fresh, table);
    if (!copied) return copied.error();
    whole &= copied->whole;
    salvaged.push_back(std::move(*copied));
  }
  std::vector<const Database*> sources;
  if (const Database* database = by_schema()) sources.push_back(database);
  if (const Database* database = whole ? nullptr : by_pages()) sources.push_back(database);
  const auto numbered =
      Texts(fresh, "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE ?",
            "%AUTOINCREMENT%");
  if (!numbered) return numbered.error();
  for (const std::string& table : *numbered) {
    const bool known = std::any_of(sources.begin(), sources.end(), [&](const Database* source) {
      const auto columns = Columns(*source, table);
      return columns && !columns->empty();
    });
    if (!known) continue;
    if (const auto kept = KeepSequence(sources, fresh, table); !kept) return kept.error();
  }
  return salvaged;
}

}  // namespace sidecar::store
