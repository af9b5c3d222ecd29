#include "sidecar/store/database.h"

#include <sqlite3.h>

#include <cerrno>

namespace sidecar::store {
namespace {

using base::Error;
using base::ErrorCode;

ErrorCode CodeOf(int sqlite_code) {
  switch (sqlite_code & 0xff) {
    case SQLITE_FULL:
      return ErrorCode::kFull;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kBusy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kCorrupt;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return ErrorCode::kDenied;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_TOOBIG:
      return ErrorCode::kInvalid;
    default:
      return ErrorCode::kIo;
  }
}

Error LastError(sqlite3* database) {
  const int code = sqlite3_extended_errcode(database) & 0xff;
  // No room for -wal or -shm, which SQLite calls an I/O error.
  const bool io = code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
  if (io && sqlite3_system_errno(database) == ENOSPC) {
    return {.code = ErrorCode::kFull, .message = "database: the disk is full"};
  }
  return {.code = CodeOf(sqlite3_extended_errcode(database)),
          .message = std::string("database: ") + sqlite3_errmsg(database)};
}

}  // namespace

void Statements::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statements::Taken Statements::Take(std::string_view sql) {
  Taken taken;
  const auto found = by_sql_.find(sql);
  if (found == by_sql_.end()) {
    taken.push_back({.sql = std::string(sql)});
    return taken;
  }
  taken.splice(taken.begin(), kept_, found->second);
  by_sql_.erase(found);
  return taken;
}

void Statements::GiveBack(Taken taken) {
  const Kept& entry = taken.front();
  if (!entry.compiled || entry.sql.starts_with("PRAGMA") || by_sql_.contains(entry.sql)) return;
  sqlite3_reset(entry.compiled.get());
  sqlite3_clear_bindings(entry.compiled.get());
  kept_.splice(kept_.begin(), taken);
  by_sql_.emplace(kept_.front().sql, kept_.begin());
  if (kept_.size() <= kMaxKept) return;
  by_sql_.erase(kept_.back().sql);
  kept_.pop_back();
}

Statement::Statement(sqlite3* database, Statements* statements, std::string_view sql)
    : database_(database), statements_(statements), taken_(statements->Take(sql)) {
  if (compiled() != nullptr) return;
  sqlite3_stmt* statement = nullptr;
  Note(sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                          SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
  taken_.front().compiled.reset(statement);
}

Statement::~Statement() { statements_->GiveBack(std::move(taken_)); }

void Statement::Note(int code) {
  if (status_ && code != SQLITE_OK) status_ = LastError(database_);
}

Statement& Statement::Bind(std::int64_t value) {
  if (status_) Note(sqlite3_bind_int64(compiled(), next_parameter_++, value));
  return *this;
}

Statement& Statement::Bind(std::string_view value) {
  if (status_) {
    Note(sqlite3_bind_text64(compiled(), next_parameter_++, value.data(), value.size(),
                             SQLITE_TRANSIENT, SQLITE_UTF8));
  }
  return *this;
}

Statement& Statement::Bind(std::optional<std::int64_t> value) {
  if (value) return Bind(*value);
  if (status_) Note(sqlite3_bind_null(compiled(), next_parameter_++));
  return *this;
}

Statement& Statement::BindBlob(std::string_view value) {
  if (status_) {
    Note(sqlite3_bind_blob64(compiled(), next_parameter_++, value.data(), value.size(),
                             SQLITE_TRANSIENT));
  }
  return *this;
}

Statement& Statement::BindColumn(const Statement& row, int column) {
  if (status_) {
    Note(sqlite3_bind_value(compiled(), next_parameter_++,
                            sqlite3_column_value(row.compiled(), column)));
  }
  return *this;
}

bool Statement::Next() {
  if (!status_) return false;
  const int code = sqlite3_step(compiled());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) Note(code);
  return false;
}

base::Status Statement::Run() {
  while (Next()) {
  }
  return status_;
}

std::int64_t Statement::Int(int column) const { return sqlite3_column_int64(compiled(), column); }

std::optional<std::int64_t> Statement::MaybeInt(int column) const {
  if (sqlite3_column_type(compiled(), column) == SQLITE_NULL) return std::nullopt;
  return Int(column);
}

std::string Statement::Text(int column) const {
  const auto* text = static_cast<const char*>(sqlite3_column_blob(compiled(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(compiled(), column));
  return text == nullptr ? std::string() : std::string(text, size);
}

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

base::Result<Database> Database::Open(const std::string& path, Mode mode) {
  const int flags =
      mode == Mode::kWriter ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(handle);
  if (handle == nullptr) return Error{ErrorCode::kIo, "database: out of memory"};
  if (code != SQLITE_OK) return LastError(handle).Wrap(path);
  sqlite3_busy_timeout(handle, 2000);
  if (mode == Mode::kReader) {
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  } else {
    if (const auto wal = database.UseWal(); !wal) return wal.error().Wrap(path);
  }
  // Where a write can be undone from is kept in memory: there may be no place for temporary files.
  // What is deleted becomes zeros: a recovery must not find it (gather.h).
  const char* pragmas = mode == Mode::kWriter ? "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
                                                "PRAGMA secure_delete=ON;"
                                                "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
                                              : "PRAGMA query_only=ON; PRAGMA trusted_schema=OFF;";
  if (const auto set = database.Execute(pragmas); !set) return set.error().Wrap(path);
  return database;
}

base::Status Database::UseWal() const {
  Statement mode = Prepare("PRAGMA journal_mode=WAL");
  if (mode.Next() && mode.Text(0) == "wal") return {};
  if (!mode.status()) return mode.status();
  return Error{ErrorCode::kIo, "this place does not allow write-ahead logging"};
}

Statement Database::Prepare(std::string_view sql) const {
  return Statement(database_.get(), statements_.get(), sql);
}

base::Status Database::Execute(const std::string& sql) const {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return LastError(database_.get());
  }
  return {};
}

std::int64_t Database::LastId() const { return sqlite3_last_insert_rowid(database_.get()); }

int Database::Changes() const { return sqlite3_changes(database_.get()); }

std::int64_t Database::TotalChanges() const { return sqlite3_total_changes64(database_.get()); }

bool Database::InTransaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

Transaction::Transaction(const Database& database, Kind kind)
    : database_(database),
      begun_(database.Prepare(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN").Run()),
      open_(begun_.ok()) {}

Transaction::~Transaction() {
  // After some errors SQLite has rolled back by itself.
  if (open_ && database_.InTransaction()) (void)database_.Execute("ROLLBACK").ok();
}

base::Status Transaction::Commit() {
  auto committed = database_.Prepare("COMMIT").Run();
  if (committed) open_ = false;
  return committed;
}

}  // namespace sidecar::store
