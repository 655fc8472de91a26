#pragma once

#include "base/result.h"
#include "catalog/records.h"
#include "query/table_files.h"
#include "sql/sql_engine.h"

namespace firn {

// SQL does not tell names apart by case, and Parquet does: of two such columns the engine would give the values of one
// for the other. kUnsupported, with both names, when two columns of the table, a column and a partition key, or two
// fields of one struct differ by case only.
[[nodiscard]] Status CheckColumnNames(const TableRecord& table);

// The same of the columns of Parquet files that are newer than what the catalog knows. Names in lists and maps are
// compared without their place.
[[nodiscard]] Status CheckFileNames(SqlEngine& engine, const TableRecord& table, const TableFiles& files);

}  // namespace firn
