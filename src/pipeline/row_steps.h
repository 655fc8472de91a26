#pragma once

#include <stop_token>

#include "pipeline/execute.h"
#include "pipeline/scan.h"

namespace firn {

// True when a step changes values or the order of rows (select, filter, flatten, rename, cast, sql, sort_by), when a
// merge has rules after its dedupe, or when rows say their partitions: such jobs go through the SQL engine.
[[nodiscard]] bool NeedsRowSteps(const ExecuteRequest& request);

// The general path: the inputs flow as batches of one schema through one SELECT a run of steps, chunk by chunk and in
// parallel where each row stands alone, and the result is dealt to partitions, kept as scratch and written like any
// other input. A last dedupe is left to that. With `merge`, only new rows go through the steps; then the last dedupe
// joins them with the table's. Same result and errors as Execute.
Result<ExecuteOutcome> ExecuteRowSteps(const ExecuteRequest& request, const ProgressCallback& progress,
                                       std::stop_token stop);

// What the general path would read and make, without reading rows: for Explain.
struct StepsPlan {
  std::vector<std::string> columns_read;  // names, in the order of the data
  Schema result;
  bool in_chunks = false;  // each row by itself, in parallel
};
Result<StepsPlan> PlanRowSteps(const ExecuteContext& context, const Scan& scan);

}  // namespace firn
