#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

// SQLite as values. database.cc is the only file that includes sqlite3.h.
namespace sidecar::store {

// Compiled statements of one connection by their text, kept for the next use: compiling costs more
// than most runs. At most kMaxKept; the one that rested longest goes first. Not thread-safe.
class Statements {
 public:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  struct Kept {
    std::string sql;
    std::unique_ptr<sqlite3_stmt, Finalize> compiled;
  };
  using Taken = std::list<Kept>;  // one, out of the shelf while it is used
  static constexpr std::size_t kMaxKept = 128;

  // An entry that nobody uses, else one without a compiled statement.
  Taken Take(std::string_view sql);
  // PRAGMAs are not kept: some act while they are compiled.
  void GiveBack(Taken taken);
  [[nodiscard]] std::size_t size() const { return kept_.size(); }

 private:
  std::list<Kept> kept_;  // the newest first
  std::unordered_map<std::string_view, std::list<Kept>::iterator> by_sql_;
};

// One run of one SQL text, compiled or found ready. The first error sticks: Next is then false and
// status() says why. Ends before its Database does.
class Statement {
 public:
  Statement(sqlite3* database, Statements* statements, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Binds the next parameter. Text is copied.
  Statement& Bind(std::int64_t value);
  Statement& Bind(std::string_view value);
  Statement& Bind(std::optional<std::int64_t> value);
  Statement& BindBlob(std::string_view value);
  // The value of a row's column, of whatever type.
  Statement& BindColumn(const Statement& row, int column);

  // true: there is a row, its columns can be read until the next call.
  bool Next();
  // Runs a statement that gives no rows.
  base::Status Run();
  [[nodiscard]] const base::Status& status() const { return status_; }

  [[nodiscard]] std::int64_t Int(int column) const;
  [[nodiscard]] std::optional<std::int64_t> MaybeInt(int column) const;
  [[nodiscard]] std::string Text(int column) const;

 private:
  void Note(int code);

  [[nodiscard]] sqlite3_stmt* compiled() const { return taken_.front().compiled.get(); }

  sqlite3* database_;
  Statements* statements_;
  Statements::Taken taken_;
  int next_parameter_ = 1;
  base::Status status_;
};

// One connection. Not thread-safe: its owner locks. Errors: kFull, kBusy, kCorrupt, kDenied, kIo.
class Database {
 public:
  enum class Mode { kWriter, kReader };

  // A writer makes the file when it is missing and sets WAL with synchronous=FULL: what was
  // committed survives a loss of power. Only the writer ever checkpoints (SQLite 3.40 has the
  // WAL-reset bug when two connections do).
  static base::Result<Database> Open(const std::string& path, Mode mode);

  // Two uses of one text at once are two statements.
  [[nodiscard]] Statement Prepare(std::string_view sql) const;
  // Several statements without parameters or rows.
  [[nodiscard]] base::Status Execute(const std::string& sql) const;
  [[nodiscard]] std::int64_t LastId() const;
  [[nodiscard]] int Changes() const;
  // Rows changed since it was opened, also those that were undone.
  [[nodiscard]] std::int64_t TotalChanges() const;
  // false also after an error with which SQLite rolled back all of it by itself.
  [[nodiscard]] bool InTransaction() const;
  [[nodiscard]] std::size_t kept() const { return statements_->size(); }  // compiled statements

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}
  [[nodiscard]] base::Status UseWal() const;
  std::unique_ptr<sqlite3, Close> database_;
  std::unique_ptr<Statements> statements_ = std::make_unique<Statements>();  // goes before it
};

// Rolls back unless committed.
class Transaction {
 public:
  enum class Kind { kWrite, kRead };  // kRead: several queries see one state
  explicit Transaction(const Database& database, Kind kind = Kind::kWrite);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  [[nodiscard]] const base::Status& begun() const { return begun_; }
  base::Status Commit();

 private:
  const Database& database_;
  base::Status begun_;
  bool open_;
};

}  // namespace sidecar::store
