#pragma once

#include <duckdb.h>

#include <string_view>

#include "base/result.h"

namespace firn {

// DuckDB's error as ours: the kind by what the caller does next, the message without DuckDB's prefixes, with its
// suggestions as the hint.
[[nodiscard]] Error FromDuckDb(duckdb_error_type type, std::string_view message);

}  // namespace firn
