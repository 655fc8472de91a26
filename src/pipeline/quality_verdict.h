#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/execute.h"
#include "pipeline/quality_plan.h"

namespace firn {

// What was counted for one check; which fields are set depends on its kind.
struct CheckAnswer {
  int64_t rows = 0;                    // in scope
  int64_t broken = 0;                  // kRows, kSqlRows; kKeys: of a repeated or (primary key) incomplete key
  std::optional<std::string> example;  // kRows: the least value that breaks it
  std::optional<std::string> value;    // kValue, kSqlValue
  bool holds = false;                  // kValue, kSqlValue

  int64_t keys = 0;  // kKeys: distinct
  int64_t single_keys = 0;
  int64_t repeated_keys = 0;
  int64_t repeated_rows = 0;
  int64_t incomplete_rows = 0;
};

struct CheckVerdict {
  bool passed = false;
  std::string observed;
  int64_t failed_rows = 0;
};

// Pure: from counts to pass or fail, and the sentence that says why.
[[nodiscard]] CheckVerdict Judge(const QualityCheck& check, const CheckAnswer& answer);
[[nodiscard]] RuleResult Conclude(const PlannedRule& planned, const ExpectRule& rule,
                                  const std::vector<CheckVerdict>& verdicts);

}  // namespace firn
