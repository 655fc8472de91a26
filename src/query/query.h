#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "query/table_files.h"
#include "sql/sql_engine.h"
#include "sql/statement.h"
#include "store/object_store.h"

namespace firn {

struct QueryOptions {
  int64_t memory_bytes = 0;  // 0: the engine's default
  int threads = 1;
  std::string temp_folder = {};  // where a large result may spill; "" never
  std::string time_zone = "UTC";
  int64_t bytes_scanned_cutoff = 0;  // a query that would read more is refused before it reads; 0: none is
};

// The answer of one query. All tables have been read by the time it exists: no later commit changes it. Not
// thread-safe.
class QueryResult {
 public:
  using Row = TextRows::Row;
  virtual ~QueryResult() = default;
  [[nodiscard]] virtual const std::vector<SqlColumn>& columns() const = 0;
  [[nodiscard]] virtual const std::vector<TableScan>& scans() const = 0;
  // The next rows, NULL as nullopt, nested values as JSON; empty at the end. kStopped after a stop.
  virtual Result<std::vector<Row>> Next() = 0;
  // The rows once more, from the first.
  virtual Status Rewind() = 0;

  [[nodiscard]] int64_t bytes_scanned() const;
};

// What a query would read, and how.
struct QueryPlan {
  std::vector<TableScan> scans;
  std::string plan;  // the engine's, as text
};

// SQL over the catalog's tables. A query sees one whole snapshot of each table, and nothing of the machine: see
// sql/statement.h, and the engine is given exactly the files that it may open. Thread-safe: each query has an engine of
// its own. Errors: those of ReadStatement and SqlEngine; kNotFound for a table, with the nearest name; kCorrupt when a
// file of a snapshot is gone; kConflict when commits outran five tries to read a snapshot; kUnsupported past the
// cutoff.
class QueryService {
 public:
  QueryService(Catalog& catalog, ObjectStore& store, LakeFiles& lake_files, QueryOptions options);

  Result<std::unique_ptr<QueryResult>> Run(std::string_view sql, std::stop_token stop = {});
  Result<QueryPlan> Explain(std::string_view sql, std::stop_token stop = {});

 private:
  struct Source {
    TableRecord table;
    ScanFilter filter;
  };
  struct Prepared;
  Result<Statement> Read(std::string_view sql);
  Result<std::vector<Source>> Sources(const Statement& statement);
  Result<std::unique_ptr<QueryResult>> ListTables();
  Result<Prepared> Prepare(const std::vector<Source>& sources, const std::stop_token& stop);
  [[nodiscard]] Status CheckCutoff(const Prepared& prepared) const;
  Status BringFiles(const Prepared& prepared, const std::stop_token& stop);
  Result<std::unique_ptr<QueryResult>> TryRun(std::string_view sql, const std::vector<Source>& sources,
                                              const std::stop_token& stop);
  // An error about a file names it. A file that was not found is not always one that a commit took away: then the
  // table is damaged.
  template <class T>
  T WithItsFile(T outcome, const std::vector<Source>& sources, const Prepared& prepared);
  // Calls `attempt` again while what it read is gone or changed under it.
  template <class T>
  Result<T> OnWholeSnapshots(const std::function<Result<T>()>& attempt);

  Catalog& catalog_;
  ObjectStore& store_;
  TableFinder finder_;
  LakeFiles& lake_files_;
  QueryOptions options_;
};

}  // namespace firn
