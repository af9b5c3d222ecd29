#include "sidecar/store/database.h"

#include <sqlite3.h>

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
  return {.code = CodeOf(sqlite3_extended_errcode(database)),
          .message = std::string("database: ") + sqlite3_errmsg(database)};
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement::Statement(sqlite3* database, std::string_view sql) : database_(database) {
  sqlite3_stmt* statement = nullptr;
  Note(sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, nullptr));
  statement_.reset(statement);
}

void Statement::Note(int code) {
  if (status_ && code != SQLITE_OK) status_ = LastError(database_);
}

Statement& Statement::Bind(std::int64_t value) {
  if (status_) Note(sqlite3_bind_int64(statement_.get(), next_parameter_++, value));
  return *this;
}

Statement& Statement::Bind(std::string_view value) {
  if (status_) {
    Note(sqlite3_bind_text64(statement_.get(), next_parameter_++, value.data(), value.size(),
                             SQLITE_TRANSIENT, SQLITE_UTF8));
  }
  return *this;
}

Statement& Statement::Bind(std::optional<std::int64_t> value) {
  if (value) return Bind(*value);
  if (status_) Note(sqlite3_bind_null(statement_.get(), next_parameter_++));
  return *this;
}

Statement& Statement::BindBlob(std::string_view value) {
  if (status_) {
    Note(sqlite3_bind_blob64(statement_.get(), next_parameter_++, value.data(), value.size(),
                             SQLITE_TRANSIENT));
  }
  return *this;
}

bool Statement::Next() {
  if (!status_) return false;
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) Note(code);
  return false;
}

base::Status Statement::Run() {
  while (Next()) {
  }
  return status_;
}

std::int64_t Statement::Int(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::optional<std::int64_t> Statement::MaybeInt(int column) const {
  if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return std::nullopt;
  return Int(column);
}

std::string Statement::Text(int column) const {
  const auto* text = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
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
  if (mode == Mode::kWriter) {
    if (const auto wal = database.UseWal(); !wal) return wal.error().Wrap(path);
  }
  const char* pragmas = mode == Mode::kWriter ? "PRAGMA synchronous=FULL;"
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

Statement Database::Prepare(std::string_view sql) const { return Statement(database_.get(), sql); }

base::Status Database::Execute(const std::string& sql) const {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return LastError(database_.get());
  }
  return {};
}

std::int64_t Database::LastId() const { return sqlite3_last_insert_rowid(database_.get()); }

int Database::Changes() const { return sqlite3_changes(database_.get()); }

Transaction::Transaction(const Database& database, Kind kind)
    : database_(database),
      begun_(database.Execute(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN")),
      open_(begun_.ok()) {}

Transaction::~Transaction() {
  // After some errors SQLite has rolled back by itself; a second ROLLBACK then only says so.
  if (open_) (void)database_.Execute("ROLLBACK").ok();
}

base::Status Transaction::Commit() {
  auto committed = database_.Execute("COMMIT");
  if (committed) open_ = false;
  return committed;
}

}  // namespace sidecar::store
