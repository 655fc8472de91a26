#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "pipeline/partition_objects.h"
#include "pipeline/uniform_rows.h"

namespace firn {

// A SELECT over the table `source`, the rows of UniformRows, and what becomes of its result.
struct RowQuery {
  std::string select;
  // The result in the types in which it leaves the engine.
  std::function<std::shared_ptr<arrow::RecordBatchReader>(std::shared_ptr<arrow::RecordBatchReader>)> typed;
  const RowPartitioner* partitioner = nullptr;
  SqlOptions engine;
};

// What an engine will do for a query.
struct QueryPlan {
  bool row_by_row = false;  // each row by itself, in order: so that the query may be run over parts of the rows
  int streams = 0;          // how often rows of a registered stream are read, which they can be once
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
