#pragma once

#include <string_view>

#include "base/result.h"
#include "schema/type.h"

namespace firn {

// What new columns, and values that are wider than their column, do to a table.
enum class SchemaChange {
  kEvolve,  // the columns are added, the types widened by schema/merge.h
  kFreeze,  // the columns are left out, the values do not fit
  kFail     // both are errors
};

// The columns of a table once it holds a file. An empty table takes the file's. kMismatch names the column and both
// types.
[[nodiscard]] Result<Schema> ChangeSchema(const Schema& table, const Schema& file, SchemaChange change);

// What kFail says of a column, dotted within structs, that is not the table's.
[[nodiscard]] Error NoSuchColumn(std::string_view name);

// The columns of text files: what is declared, then what was learned besides. Texts can be read by any type.
[[nodiscard]] Schema DeclaredOver(const Schema& declared, const Schema& learned);

}  // namespace firn
