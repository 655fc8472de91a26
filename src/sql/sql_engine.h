#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "schema/type.h"

struct ArrowArrayStream;  // the Arrow C stream interface (arrow/c/abi.h)

namespace firn {

struct SqlOptions {
  int64_t memory_bytes = 0;  // 0: DuckDB's default
  int threads = 1;
  std::string temp_folder = {};  // where it may spill; "" never
  std::string time_zone = "UTC";
  int64_t now_ns = 0;  // what now(), today() and their kin mean; 0: the clock
  // The only files that a statement may open, by path. Empty: none.
  std::vector<std::string> readable_files = {};
};

// A column of a result, with DuckDB's spelling of its type.
struct SqlColumn {
  std::string name;
  std::string type;
};

// Owns one ArrowArrayStream and releases it. Movable.
class ArrowStream {
 public:
  ArrowStream();
  ArrowStream(ArrowStream&&) noexcept;
  ArrowStream& operator=(ArrowStream&&) noexcept;
  ~ArrowStream();
  [[nodiscard]] ArrowArrayStream* get() const { return stream_.get(); }  // for Arrow's Import/ExportRecordBatchReader

 private:
  std::unique_ptr<ArrowArrayStream> stream_;
};

// The rows of one statement as text, NULL as nullopt, nested values as JSON. Ends when the engine runs its next
// statement. Not thread-safe.
class TextRows {
 public:
  using Row = std::vector<std::optional<std::string>>;
  virtual ~TextRows() = default;
  [[nodiscard]] virtual const std::vector<SqlColumn>& columns() const = 0;
  // The next rows, in order; empty at the end. Same errors as SqlEngine.
  virtual Result<std::vector<Row>> Next() = 0;
};

// One in-memory DuckDB database, which knows initcap() as Spark has it, with one connection, for one run or one query.
// Nothing is read from or written to the machine but the temp folder and what Register* names; extensions are neither
// installed nor loaded, and no statement can change that. Not thread-safe but for Interrupt; runs its own worker
// threads. Errors of every statement: kInvalidArgument (the statement is wrong; DuckDB's message), kMismatch (a value
// does not fit), kNoSpace (memory or temp folder exhausted), kNotFound, kPermission and kIo (files), kCorrupt (a file's
// bytes), kStopped (after Interrupt), kInternal. An error of a registered stream is kIo with the stream's message.
class SqlEngine {
 public:
  virtual ~SqlEngine() = default;
  static Result<std::unique_ptr<SqlEngine>> Open(const SqlOptions& options);

  // Makes the stream readable as table `name`. Ownership moves in. Batches are pulled as the statement needs them, by
  // one thread at a time, and only the columns that it uses are converted. It can be scanned once: a second scan, in
  // the same statement or a later one, fails with kInvalidArgument.
  virtual Status RegisterStream(std::string_view name, ArrowStream stream) = 0;

  // The same for rows that are made when a statement begins to read them. `like` has their columns, and no rows.
  // `open` is called once, with the columns that the statement uses, as numbers in `like`; its stream has these, in
  // that order. When it is asked for none, the lengths of its batches count, and their columns do not. It may be
  // called from a thread of the engine; its error is one of the statement, as text.
  using OpenColumns = std::function<Result<ArrowStream>(const std::vector<int>& columns)>;
  virtual Status RegisterSource(std::string_view name, ArrowStream like, OpenColumns open) = 0;

  // Runs one statement of ours. kInvalidArgument carries DuckDB's message, cleaned of internals.
  virtual Status Execute(std::string_view sql) = 0;
  // The result as a stream of Arrow batches, made as they are asked for (bounded memory). One statement, whose types
  // come out as they are: UUID as arrow.uuid, and HUGEINT (a sum of BIGINTs) as decimal(38, 0). It ends when the engine
  // runs its next statement; it may outlive the engine.
  virtual Result<ArrowStream> Query(std::string_view sql) = 0;
  // A stream with the columns of that result, and no rows: nothing is run.
  virtual Result<ArrowStream> ColumnsOf(std::string_view sql) = 0;
  // The result as text, in bounded memory.
  virtual Result<std::unique_ptr<TextRows>> OpenText(std::string_view sql) = 0;
  // The columns that a statement would give; nothing is run.
  virtual Result<std::vector<SqlColumn>> Describe(std::string_view sql) = 0;
  // A small result as text, NULL as nullopt: for our own aggregates.
  struct TextTable {
    std::vector<std::string> columns;
    std::vector<std::vector<std::optional<std::string>>> rows;
  };
  virtual Result<TextTable> QueryText(std::string_view sql) = 0;
  // Asks the running statement to end; from any thread. It then fails with kStopped, and so does every later one.
  virtual void Interrupt() = 0;
};

[[nodiscard]] std::string QuoteIdentifier(std::string_view name);  // "a""b"
[[nodiscard]] std::string QuoteLiteral(std::string_view text);     // 'it''s'
[[nodiscard]] bool IsNestedSqlType(
    std::string_view type);  // a struct, list, map, union or variant, by DuckDB's spelling
[[nodiscard]] std::string SqlTypeName(
    const Type& type);  // DuckDB's spelling: DECIMAL(12,2), STRUCT("a" INTEGER), TIMESTAMP WITH TIME ZONE

}  // namespace firn
