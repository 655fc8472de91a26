#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/partition_objects.h"
#include "pipeline/uniform_rows.h"

namespace firn {

// A column of the result that is one of the rows as it came: it does not go through the engine.
struct HandedOnColumn {
  int column = 0;           // its number in UniformRows
  std::vector<int> fields;  // of structs, from the outermost in
};

// A column of the result.
struct ResultColumn {
  std::string name;
  std::optional<HandedOnColumn> handed_on;  // nothing: the engine makes it
};

inline constexpr const char* kRowColumn = "__firn_row";

// A SELECT over the table `source`, the rows of UniformRows, and what becomes of its result.
struct RowQuery {
  std::string select;
  // The result in the types in which it leaves the engine.
  std::function<std::shared_ptr<arrow::RecordBatchReader>(std::shared_ptr<arrow::RecordBatchReader>)> typed;
  const RowPartitioner* partitioner = nullptr;
  // The whole result, in order, when the engine makes only some of it: then it gives a row for each row, and with it
  // kRowColumn, which tells that it is this one. Empty: all is the engine's.
  std::vector<ResultColumn> columns = {};
  SqlOptions engine;
};

// What an engine will do for a query.
struct QueryPlan {
  bool row_by_row = false;   // each row by itself, in order: so that the query may be run over parts of the rows
  bool row_for_row = false;  // and exactly one for each
  int streams = 0;           // how often rows of a registered stream are read, which they can be once
};
// Of the text of EXPLAIN (FORMAT json).
[[nodiscard]] QueryPlan ReadPlan(const std::string& plan);

// Runs the query over each chunk by itself, in parallel, each in an engine of one thread, so that the rows come out in
// the order of the chunks whatever the number of threads. Memory: a few chunks a thread, and a quarter of the budget.
std::expected<void, TransferFailure> RunOverChunks(const ExecuteContext& context, const UniformRows& rows,
                                                   const RowQuery& query, PartitionObjects& objects);

// Adds the rows of a query's result, batch after batch, from `place` on.
Status AddResult(const ExecuteContext& context, const RowQuery& query, ArrowStream result, PartitionObjects& objects);

}  // namespace firn
