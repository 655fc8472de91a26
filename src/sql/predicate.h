#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "sql/statement.h"

namespace firn {

// A table named directly in a SELECT's FROM.
struct FromTable {
  const Json* node = nullptr;  // its BASE_TABLE
  std::string name;            // alias or name, lower case; "" when a qualified column may mean another
  bool alone = false;          // the FROM holds nothing else
  bool prunable =
      false;  // leaving out rows that WHERE would drop changes nothing: no sample, no ASOF or positional join
};

// `select` is a SELECT_NODE.
[[nodiscard]] std::vector<FromTable> TablesIn(const Json& select);
// The comparisons with text constants that stand in the WHERE's conjunction and surely speak of that table. Not more is
// claimed than that: what is not understood is left out.
[[nodiscard]] std::vector<ColumnComparison> ComparisonsOn(const FromTable& table, const Json& select);

}  // namespace firn
