#pragma once

#include "sql/duckdb_api.h"

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/sql_engine.h"

namespace firn {

// A DuckDB result that frees itself.
class DuckDbResult {
 public:
  DuckDbResult() = default;
  DuckDbResult(const DuckDbResult&) = delete;
  DuckDbResult& operator=(const DuckDbResult&) = delete;
  ~DuckDbResult() { DuckDb().duckdb_destroy_result(&result_); }
  [[nodiscard]] duckdb_result* get() { return &result_; }

 private:
  duckdb_result result_{};
};

// Frees what the C API hands out.
struct DuckDbDelete {
  void operator()(duckdb_logical_type type) const { DuckDb().duckdb_destroy_logical_type(&type); }
  void operator()(duckdb_data_chunk chunk) const { DuckDb().duckdb_destroy_data_chunk(&chunk); }
  void operator()(duckdb_prepared_statement statement) const { DuckDb().duckdb_destroy_prepare(&statement); }
  void operator()(duckdb_arrow_converted_schema schema) const {
    DuckDb().duckdb_destroy_arrow_converted_schema(&schema);
  }
};
using DuckDbType = std::unique_ptr<_duckdb_logical_type, DuckDbDelete>;
using DuckDbChunk = std::unique_ptr<_duckdb_data_chunk, DuckDbDelete>;
using DuckDbStatement = std::unique_ptr<_duckdb_prepared_statement, DuckDbDelete>;

// One in-memory database and its connection. Results keep it alive. One statement at a time; Stop from any thread.
class Connection {
 public:
  static Result<std::shared_ptr<Connection>> Open(const SqlOptions& options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // One statement, its result thrown away.
  Status Execute(std::string_view sql);
  // One statement, bound and not run.
  Result<DuckDbStatement> Prepare(std::string_view sql);
  // Runs it so that its chunks are made as they are fetched.
  Status Start(duckdb_prepared_statement statement, DuckDbResult& result);
  // The next chunk of a started result; null at the end.
  Result<DuckDbChunk> Fetch(DuckDbResult& result);

  void Stop();
  [[nodiscard]] bool stopped() const { return stopped_.load(); }
  [[nodiscard]] duckdb_connection get() const { return connection_; }
  // For conversions while a statement runs on the first.
  [[nodiscard]] duckdb_connection second() const { return second_; }
  [[nodiscard]] int threads() const { return threads_; }
  // A name that was not given before: "firn_view_7".
  [[nodiscard]] std::string NewName(std::string_view what);

 private:
  Connection() = default;
  Status Configure(const SqlOptions& options);
  Status DefineFunctions(int64_t now_ns);
  [[nodiscard]] Status CheckNotStopped() const;

  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
  duckdb_connection second_ = nullptr;
  int threads_ = 1;
  int64_t names_ = 0;
  std::atomic<bool> stopped_ = false;
};

}  // namespace firn
