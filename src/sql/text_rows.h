#pragma once

#include "base/result.h"
#include "sql/connection.h"
#include "sql/sql_engine.h"

namespace firn {

// Runs a statement and reads its rows as text. A statement with columns that are not text becomes a temporary view, of
// which each column is cast.
[[nodiscard]] Result<std::unique_ptr<TextRows>> StartTextRows(std::shared_ptr<Connection> connection,
                                                              std::string_view sql);

[[nodiscard]] Result<std::vector<SqlColumn>> DescribeStatement(const std::shared_ptr<Connection>& connection,
                                                               std::string_view sql);

// `sql` as a temporary view with the columns c0, c1, ...; its name.
[[nodiscard]] Result<std::string> MakeView(Connection& connection, std::string_view sql, idx_t columns);

}  // namespace firn
