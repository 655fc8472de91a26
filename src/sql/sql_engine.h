#pragma once

#include <cstdint>
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
  std::string temp_folder;   // where it may spill; "" never
  std::string time_zone = "UTC";
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

// One in-memory DuckDB database with one connection, for one run or one query. Nothing is read from or written to the machine but the temp folder and what Register* names;
// extensions are neither installed nor loaded. Not thread-safe; runs its own worker threads.
class SqlEngine {
 public:
  virtual ~SqlEngine() = default;
  static Result<std::unique_ptr<SqlEngine>> Open(const SqlOptions& options);

  // Makes the stream readable as table `name`. Ownership moves in. It can be scanned once.
  virtual Status RegisterStream(std::string_view name, ArrowStream stream) = 0;

  // Runs a statement of ours. kInvalidArgument carries DuckDB's message, cleaned of internals.
  virtual Status Execute(std::string_view sql) = 0;
  // The result as a stream of Arrow batches, made as they are asked for (bounded memory).
  virtual Result<ArrowStream> Query(std::string_view sql) = 0;
  // A small result as text, NULL as nullopt: for our own aggregates.
  struct TextTable {
    std::vector<std::string> columns;
    std::vector<std::vector<std::optional<std::string>>> rows;
  };
  virtual Result<TextTable> QueryText(std::string_view sql) = 0;
  // Asks the running statement to end; from any thread. It then fails with kStopped.
  virtual void Interrupt() = 0;
};

[[nodiscard]] std::string QuoteIdentifier(std::string_view name);  // "a""b"
[[nodiscard]] std::string QuoteLiteral(std::string_view text);     // 'it''s'
[[nodiscard]] std::string SqlTypeName(const Type& type);           // DuckDB's spelling: DECIMAL(12,2), STRUCT("a" INTEGER), TIMESTAMP WITH TIME ZONE

}  // namespace firn
