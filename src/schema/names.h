#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "schema/type.h"

namespace firn {

// Hive's and Glue's spelling: bigint, decimal(12,2), timestamp, array<string>, map<string,int>, struct<a:int,b:string>.
// Hive has fewer types than firn: unsigned integers take the next larger type's name, times and UUIDs are string, fixed
// binary is binary. Timestamps lose unit and zone.
[[nodiscard]] std::string HiveTypeName(const Type& type);

// The reverse. kInvalidArgument with the position of what is wrong; at most 64 levels deep.
Result<Type> ParseHiveType(std::string_view text);

// A name for messages that tells all types apart: "timestamp(us, UTC)", "uint16", "decimal(12,2)".
[[nodiscard]] std::string Describe(const Type& type);

}  // namespace firn
