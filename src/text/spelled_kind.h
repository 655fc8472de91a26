#pragma once

#include <string_view>

#include "text/token_column.h"

namespace firn {

// What a text without a kind of its own, as a field of CSV, looks like, so that reading it as that kind loses nothing
// but digits that a double does not have:
// - kInteger: no leading zero, no plus, not "-0". kNumber: as an integer with a fraction or an exponent; an exponent
//   without a point must have a sign, because codes look like "12e4"; at most 17 digits that count.
// - kBoolean: true, false, in any case.
// - kDate: 2025-11-03, a day of the calendar. kTimestamp: a date, 'T' or a space, 06:30 or 06:30:00 or that with up to
//   six digits of a fraction; kInstant: the same with a 'Z' behind it.
// - kText: all else, also the empty text.
[[nodiscard]] TokenKind SpelledKind(std::string_view text);

}  // namespace firn
