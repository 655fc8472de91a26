#pragma once

#include "base/result.h"
#include "schema/type.h"

namespace firn {

// The narrowest type that holds every value of both: what a table's column becomes when its files differ. The rules:
// - NULL with anything: the other type.
// - Integers: the wider one; signed with unsigned: at least the next wider signed type; uint64 with signed:
//   decimal(20,0).
// - Integer with float or double, float with double: double. int64 too, as Glue has it: values beyond 2^53 are rounded.
//   uint64 with a float is a conflict, or else the answer would depend on which files are merged first.
// - Decimals: the most integer digits and the largest scale of both; more than 38 digits is a conflict.
// - Integer with decimal: the integer counts as a decimal of 3, 5, 10, 19 digits; an unsigned one has the digits of the
//   next wider signed type (uint64: 20).
// - Time, timestamp: the finer unit; an instant (utc) with a wall-clock time is a conflict.
// - Struct: the union of the fields, recursively; a field that one side lacks becomes nullable. List, map: element by
//   element.
// - All else is a conflict unless equal: string with a number, date with timestamp, decimal with double.
// A column is nullable when either side's is. The order and grouping of merges do not matter, but for the order of
// fields: a's, then what b adds.
// kMismatch names the path of the column and both types.
[[nodiscard]] Result<Type> MergeTypes(const Type& a, const Type& b);

// The same for whole schemas, column by column, by name (case matters).
[[nodiscard]] Result<Schema> MergeSchemas(const Schema& a, const Schema& b);

}  // namespace firn
