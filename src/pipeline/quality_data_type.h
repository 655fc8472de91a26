#pragma once

#include <string>

#include "base/result.h"
#include "pipeline/quality_column.h"

namespace firn {

// ColumnDataType: of a text column the values are asked, of any other the type.
struct DataTypeCheck {
  std::string predicate;  // TRUE for a value of that type; NULL is of none, as in Glue
  std::string mismatch;   // "the column is string", when its type settles it
};

// `type_name`: Glue's (Boolean, Date, Timestamp, Integer, Double, Float, Long) or Hive's, in any case.
// kInvalidArgument: no such type.
[[nodiscard]] Result<DataTypeCheck> CheckDataType(const RuleColumn& column, const std::string& type_name);

}  // namespace firn
