#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "pipeline/quality_column.h"
#include "pipeline/rule.h"

namespace firn {

// Conditions of rules as SQL. Each predicate is TRUE or FALSE for every row, never NULL.
// All fail with kInvalidArgument when the condition does not fit the column's type.

// NULL satisfies != and `not in` (unless NULL is listed) and nothing else, as in Glue.
[[nodiscard]] Result<std::string> ValuePredicate(const RuleColumn& column, const Condition& condition, int64_t now_us);
// In characters (code points), or bytes of a binary column. NULL has length 0.
[[nodiscard]] Result<std::string> LengthPredicate(const RuleColumn& column, const Condition& condition);
// On the age of the value, now minus it. NULL has no age and satisfies nothing.
[[nodiscard]] Result<std::string> FreshnessPredicate(const RuleColumn& column, const Condition& condition,
                                                     int64_t now_us);

// A number that SQL computed, such as sum(x); FALSE when it is NULL.
[[nodiscard]] std::string NumberPredicate(const std::string& sql, const Condition& condition);
// A count or a share that we computed.
[[nodiscard]] bool Holds(const Condition& condition, double value);

[[nodiscard]] bool IsNumeric(const Type& type);
[[nodiscard]] bool IsNested(const Type& type);

}  // namespace firn
