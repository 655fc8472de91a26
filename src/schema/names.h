#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "schema/type.h"

namespace firn {

// The name that Hive, Glue and Athena know: bigint, decimal(12,2), struct<a:int,b:array<string>>, map<string,int>,
// timestamp. Where Hive has no such type, the one that holds its values: uint32 is bigint, uint64 decimal(20,0), every
// timestamp "timestamp", fixed binary "binary", uuid and time "string".
[[nodiscard]] std::string HiveTypeName(const Type& type);

// The exact name, for messages and project files: Hive's where Hive has one, else utinyint, usmallint, uint, ubigint,
// binary(16), uuid, time(3), timestamp(9), timestamp(6) with time zone. "timestamp" alone is microseconds, wall clock.
// ParseHiveType gives the type back, but for NOT NULL, which type names do not say.
[[nodiscard]] std::string Describe(const Type& type);

// Reads both kinds of names, in any case, with spaces between the words, and Hive's and Athena's other spellings
// (integer, long, char(3), varchar(10), decimal, timestamp with local time zone). A field name with other characters
// than letters, digits and '_' stands in backquotes. kInvalidArgument says what was expected at which character; nested
// deeper than 64 is refused.
[[nodiscard]] Result<Type> ParseHiveType(std::string_view text);

}  // namespace firn
