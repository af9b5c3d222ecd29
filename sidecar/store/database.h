#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

// SQLite as values. database.cc is the only file that includes sqlite3.h.
namespace sidecar::store {

// One run of one SQL text. The first error sticks: Next is then false and status() says why.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);

  // Binds the next parameter. Text is copied.
  Statement& Bind(std::int64_t value);
  Statement& Bind(std::string_view value);
  Statement& Bind(std::optional<std::int64_t> value);
  Statement& BindBlob(std::string_view value);

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

  sqlite3* database_;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
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

  [[nodiscard]] Statement Prepare(std::string_view sql) const;
  // Several statements without parameters or rows.
  [[nodiscard]] base::Status Execute(const std::string& sql) const;
  [[nodiscard]] std::int64_t LastId() const;
  [[nodiscard]] int Changes() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}
  [[nodiscard]] base::Status UseWal() const;
  std::unique_ptr<sqlite3, Close> database_;
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
