#pragma once

#include "schema/type.h"
#include "text/token_column.h"

namespace firn {

// Numbers of DynamoDB have up to 38 digits, and a double keeps 15 of any. Where a column has fractions and numbers of
// more digits, text is what loses nothing.

// The columns, and fields and elements of columns, that have a number of more than 15 digits: as strings, and nothing
// else.
[[nodiscard]] Schema LongNumbers(const TokenColumn& root);
// Those of both.
[[nodiscard]] Schema UniteLongNumbers(const Schema& a, const Schema& b);

// The inferred columns, with strings for doubles that are among `long_numbers`.
[[nodiscard]] Schema KeepDigits(Schema inferred, const Schema& long_numbers);

}  // namespace firn
