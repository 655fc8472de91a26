#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "catalog/records.h"
#include "query/table_files.h"
#include "sql/sql_engine.h"

namespace firn {

// Makes the table's files readable as a view of the table's name: the catalog's columns in their order and types, then
// the partition keys as text. A column that a file lacks is NULL; what a file has beyond the catalog's columns is not
// seen. Instants and times are microseconds in SQL, so finer ones lose digits; wall-clock timestamps keep nanoseconds.
// kUnsupported for a format that cannot be queried, and for names that SQL cannot tell apart; errors of the files as
// SqlEngine's.
[[nodiscard]] Status CreateTableView(SqlEngine& engine, const TableRecord& table, const TableFiles& files);

}  // namespace firn
