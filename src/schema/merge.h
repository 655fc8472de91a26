#pragma once

#include "base/result.h"
#include "schema/type.h"

namespace firn {

// How two files' types of one column become one (the Glue crawler's observed rules, made exact;
// docs/reference/schema-rules.md has the table):
//   null            widens to anything
//   integers        to the wider signed one; an unsigned one to the next larger signed; uint64 with a signed one to
//   decimal(20,0) integer, float  to double (int64 loses exactness beyond 2^53, as in Glue) float, double   to double
//   decimals        to the most integer digits and the largest scale, up to 38 digits; an integer counts as a decimal
//   of its digits time, timestamp to the finer unit; an instant (utc) and a wall-clock time do not merge struct field
//   by field, by name: the first one's order, then what is new; a field that one side lacks is nullable list, map
//   element by element all else        equal types only: a string and a number are a conflict, never silently a string
// A column is nullable when either side's is. kMismatch names the column (dotted) and both types.
Result<Type> MergeTypes(const Type& a, const Type& b);

// The same for whole schemas, as for structs.
Result<Schema> MergeSchemas(const Schema& a, const Schema& b);

}  // namespace firn
