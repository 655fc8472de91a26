#pragma once

#include "base/result.h"
#include "pipeline/job.h"
#include "sql/sql_engine.h"

namespace firn {

// Whether the SQL that a user wrote into a step can be read; columns and functions are not looked up. kInvalidArgument
// with the place, kUnsupported for what is no question. Steps without SQL are fine.
[[nodiscard]] Status CheckStepSyntax(SqlEngine& engine, const Step& step);

}  // namespace firn
