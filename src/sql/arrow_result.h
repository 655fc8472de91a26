#pragma once

#include "base/result.h"
#include "sql/connection.h"
#include "sql/sql_engine.h"

namespace firn {

// Runs a prepared statement and hands out its chunks as Arrow batches, one chunk (2,048 rows) each. The stream keeps
// the connection alive.
[[nodiscard]] Result<ArrowStream> StartArrowResult(std::shared_ptr<Connection> connection, DuckDbStatement statement);

// The same stream, which ends before its first row: the statement does not run.
[[nodiscard]] Result<ArrowStream> ArrowColumns(std::shared_ptr<Connection> connection, DuckDbStatement statement);

}  // namespace firn
