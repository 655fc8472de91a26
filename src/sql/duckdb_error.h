#pragma once

#include <duckdb.h>

#include <string_view>

#include "base/result.h"

namespace firn {

// DuckDB's error as ours: the kind by what the caller does next, the message without DuckDB's prefixes, with its
// suggestions as the hint.
[[nodiscard]] Error FromDuckDb(duckdb_error_type type, std::string_view message);
// What a function of the Arrow interface returned, which is given back to DuckDB.
[[nodiscard]] Status StatusOf(duckdb_error_data error);

}  // namespace firn
