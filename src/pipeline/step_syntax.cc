#include "pipeline/step_syntax.h"

#include <arrow/type.h>

#include "pipeline/step_sql.h"
#include "sql/statement.h"

namespace firn {

Status CheckStepSyntax(SqlEngine& engine, const Step& step) {
  if (std::holds_alternative<ExpectStep>(step) || std::holds_alternative<DedupeStep>(step) ||
      std::holds_alternative<FlattenStep>(step))
    return {};
  FIRN_TRY_ASSIGN(const std::string sql, SelectOf(step, "input", arrow::Schema({})));
  return CheckSyntax(engine, sql);
}

}  // namespace firn
