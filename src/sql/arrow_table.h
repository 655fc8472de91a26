#pragma once

#include <string_view>

#include "base/result.h"
#include "sql/connection.h"
#include "sql/sql_engine.h"

namespace firn {

// Makes the stream a view of that name. DuckDB's own duckdb_arrow_scan is not used: through the C API it ignores the
// projection and the filters that it pushes down, and so gives wrong columns and rows (1.5.6).
[[nodiscard]] Status RegisterArrowTable(Connection& connection, std::string_view name, ArrowStream stream);

// SqlEngine::RegisterSource.
[[nodiscard]] Status RegisterArrowSource(Connection& connection, std::string_view name, ArrowStream like,
                                         SqlEngine::OpenColumns open);

}  // namespace firn
