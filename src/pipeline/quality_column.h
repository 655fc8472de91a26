#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "schema/type.h"

namespace firn {

// A column that a rule names: "amount", or "customer.address.city" for a field of structs.
struct RuleColumn {
  std::string name;  // as the rule writes it
  std::string top;   // the column of the table that holds it
  std::string sql;   // its value in a SELECT over the table
  Type type;
};

// Exact names first (a column may have dots in its own name), then fields of structs. kInvalidArgument, with the
// nearest name, when there is none.
[[nodiscard]] Result<RuleColumn> ResolveColumn(const Schema& schema, std::string_view name);
[[nodiscard]] bool HasColumn(const Schema& schema, std::string_view name);

// SQL that a user wrote: the predicate of `where` and the statement of CustomSql.
struct UserSql {
  std::string text;  // in DuckDB's spelling: `x` is "x", primary is "primary", no ; at the end
  std::vector<std::string>
      columns;  // those of the table that it may read, in the table's order; too many rather than too few
};

// Both fail with kInvalidArgument on SQL that cannot stand within a statement of ours: an open quote or parenthesis, a
// second statement.
[[nodiscard]] Result<UserSql> ReadPredicate(const Schema& schema, std::string_view sql);  // kUnsupported: a subquery
[[nodiscard]] Result<UserSql> ReadStatement(const Schema& schema, std::string_view sql);

}  // namespace firn
