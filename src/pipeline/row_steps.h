#pragma once

#include <stop_token>

#include "pipeline/execute.h"

namespace firn {

// True when a step changes values or the order of rows (select, filter, flatten, rename, cast, sql, sort_by), or when a
// merge has rules after its dedupe: such jobs go through the SQL engine, row batch by row batch.
[[nodiscard]] bool NeedsRowSteps(const JobDefinition& job);

// The general path: the inputs flow as one uniform stream through one SQL statement per run of steps, spill once within
// `memory_bytes`, and the result is split and written like any other. With `merge`, only new rows go through the steps;
// then the last dedupe joins them with the table's. Same result and errors as Execute.
Result<ExecuteOutcome> ExecuteRowSteps(const ExecuteRequest& request, const ProgressCallback& progress,
                                       std::stop_token stop);

}  // namespace firn
