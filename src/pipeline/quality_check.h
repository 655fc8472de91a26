#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/execute.h"
#include "pipeline/quality_plan.h"
#include "sql/sql_engine.h"

namespace firn {

struct QuarantinedRow {
  int64_t file = 0;  // __firn_file and __firn_row of the input
  int64_t row = 0;
  int64_t rule = 0;  // the first rule with `quarantine` that it breaks

  friend auto operator<=>(const QuarantinedRow&, const QuarantinedRow&) = default;
};

struct QualityOutcome {
  std::vector<RuleResult> rules;            // one for each rule given, in order
  std::vector<QuarantinedRow> quarantined;  // sorted by file and row, each row once

  [[nodiscard]] bool IsAccepted() const;  // no rule with `fail` was broken
  // kQuality with every broken `fail` rule and what was observed, or success.
  [[nodiscard]] Status RequireAccepted() const;
};

// Holds the rules of one `expect` step to the rows of `input`: the plan's columns (others are ignored), __firn_file and
// __firn_row (INT64, not NULL, together unique). The stream is read once. Without rules on keys and without CustomSql
// nothing is kept of it but the rows to quarantine; else the values that those rules need go to a temporary table,
// which spills to the engine's temp folder. All rules see all rows, those to quarantine included. Errors: those of
// PlanQuality, the engine's (a `where`, a pattern or a CustomSql that it refuses is kInvalidArgument and names the
// rule), and the stream's.
[[nodiscard]] Result<QualityOutcome> CheckQuality(SqlEngine& engine, ArrowStream input, const Schema& schema,
                                                  const std::vector<ExpectRule>& rules, int64_t now_ns);

}  // namespace firn
