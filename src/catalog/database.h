#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/result.h"
#include "base/strong_id.h"

struct sqlite3;
struct sqlite3_stmt;

namespace firn {

class Database;

// Bytes bound as a BLOB: they compare byte by byte.
struct Blob {
  std::string_view bytes;
};

// The rows of one statement. Gives its statement back to the database's cache at the end; must not outlive the
// database.
class Cursor {
 public:
  Cursor(Cursor&& other) noexcept;
  Cursor& operator=(Cursor&&) = delete;
  ~Cursor();

  [[nodiscard]] Result<bool> Next();  // true: on a row
  [[nodiscard]] int64_t Integer(int column) const;
  [[nodiscard]] std::string Text(int column) const;           // TEXT or BLOB; "" for NULL
  [[nodiscard]] std::string_view TextView(int column) const;  // the same, valid until Next

 private:
  friend class Database;
  Cursor(Database* database, std::string_view sql, sqlite3_stmt* statement)
      : database_(database), sql_(sql), statement_(statement) {}

  void Bind(int index, int64_t value);
  void Bind(int index, std::string_view value);
  void Bind(int index, Blob value);
  template <class Tag>
  void Bind(int index, const StrongId<Tag>& value) {
    Bind(index, std::string_view(value.str()));
  }

  Database* database_;
  std::string_view sql_;  // the cache's key, or the caller's literal
  sqlite3_stmt* statement_;
  int bind_code_ = 0;
  bool started_ = false;
};

struct DatabaseOptions {
  std::chrono::milliseconds busy_timeout = std::chrono::seconds(30);  // how long to wait for another writer
  // Neither makes nor changes the file, nor what lies beside it: for a disk that this process may not write.
  bool read_only = false;
};

// One SQLite connection: the only place that knows SQLite's C interface and its error codes. Not thread-safe.
// Errors: kCorrupt, kConflict (another process held the lock past busy_timeout), kNoSpace, kPermission, kIo.
class Database {
 public:
  // Called before each statement begins; an error is returned in its stead. For tests that fail or kill at every step.
  using StatementHook = std::function<Status(std::string_view sql)>;

  static Result<std::unique_ptr<Database>> Open(const std::string& path, const DatabaseOptions& options = {});
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // `sql` must be a literal (it is kept by reference); values are bound to its ?s in order.
  template <class... Values>
  [[nodiscard]] Result<Cursor> Query(std::string_view sql, const Values&... values) {
    FIRN_TRY_ASSIGN(Cursor cursor, Prepare(sql));
    int index = 0;
    (cursor.Bind(++index, values), ...);
    return cursor;
  }
  template <class... Values>
  [[nodiscard]] Status Run(std::string_view sql, const Values&... values) {
    FIRN_TRY_ASSIGN(Cursor cursor, Query(sql, values...));
    FIRN_TRY(cursor.Next());
    return {};
  }
  // Several statements, separated by ';', without values.
  [[nodiscard]] Status RunScript(const std::string& script);

  [[nodiscard]] int64_t changed_rows() const;  // by the last statement
  [[nodiscard]] int64_t last_row_id() const;
  [[nodiscard]] int64_t rows_read() const { return rows_read_; }  // that cursors stepped on, since opening
  [[nodiscard]] const std::string& path() const { return path_; }
  void SetStatementHook(StatementHook hook) { hook_ = std::move(hook); }

  // kCorrupt with the operator's advice.
  [[nodiscard]] std::unexpected<Error> Corrupt(std::string_view what) const;

 private:
  friend class Cursor;
  friend class Transaction;
  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}

  Status Configure(const DatabaseOptions& options);
  Status SwitchToWal(const DatabaseOptions& options);
  Result<Cursor> Prepare(std::string_view sql);
  void Rollback();
  std::unexpected<Error> FailWith(int code) const;

  std::string path_;
  sqlite3* handle_;
  std::unordered_map<std::string_view, sqlite3_stmt*> idle_;
  int64_t rows_read_ = 0;
  StatementHook hook_;
};

// All or nothing: rolled back unless committed.
class Transaction {
 public:
  enum class Kind { kRead, kWrite };  // kWrite takes the writer's lock at once, so that it cannot lose a race half-way

  static Result<Transaction> Begin(Database& database, Kind kind);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // kUnknownOutcome when the disk failed while the commit was being synced: a crash now may still find it committed.
  [[nodiscard]] Status Commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}
  Database* database_;
};

}  // namespace firn
