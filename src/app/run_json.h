#pragma once

#include "base/json.h"
#include "catalog/records.h"

namespace firn {

// A run as `run`, `runs` and `runs show` print it: the figures of the contract first, under their stable names, then
// state of life, arguments, quality, error.
[[nodiscard]] Json RunToJson(const RunRecord& run);
// The columns of the list for people.
[[nodiscard]] Json RunToRow(const RunRecord& run);

}  // namespace firn
