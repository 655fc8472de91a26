#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/job.h"
#include "pipeline/rule.h"
#include "schema/type.h"

namespace firn {

// How a check is answered. The first three need only the one scan of the input; the others a table of what they read.
enum class CheckKind {
  kDecided,   // by the schema alone
  kRows,      // each row passes or breaks it
  kValue,     // one aggregate
  kKeys,      // how often each key occurs
  kSqlValue,  // CustomSql with a condition on its one value
  kSqlRows,   // CustomSql without: the rows that it returns pass
};

// A simple rule, or a composite one of which every part looks at rows, as SQL over the columns of the table.
struct QualityCheck {
  CheckKind kind = CheckKind::kDecided;
  RuleType type = RuleType::kRowCount;
  std::string scope;  // of `where`: TRUE for the rows that count, never NULL; "" all rows

  std::string predicate;  // kRows: TRUE for a row that passes, else FALSE
  std::string example;    // kRows: the value to show of a row that breaks it, or ""
  std::string mismatch;   // kRows: why no row can pass, whatever its value; "" nothing
  std::optional<Condition>
      share;  // kRows, kSqlRows: on the share of rows that pass, else all must; kKeys: on Uniqueness

  std::vector<std::string> keys;  // kKeys: the key's columns

  std::string label;                   // kValue: "Sum", as in "Sum was 3"
  std::string function;                // kValue: the aggregate; "" when `input` is a constant that must be ''
  bool distinct = false;               // kValue: of distinct values
  std::string input;                   // kValue: what is aggregated; "" counts rows
  std::optional<Condition> condition;  // kValue, kSqlValue: on the value

  std::string statement;  // kSqlValue, kSqlRows

  bool passed = false;   // kDecided
  std::string observed;  // kDecided
};

// A rule as a tree over checks: composite rules with a part that looks at the whole table combine the parts' answers.
struct PlannedRule {
  RuleShape shape = RuleShape::kSimple;
  size_t check = 0;  // kSimple: index into QualityPlan::checks
  std::vector<PlannedRule> children;
};

struct QualityPlan {
  std::vector<std::string> columns;         // of the table that must be read, in its order
  std::vector<std::string> custom_columns;  // those that CustomSql may read
  std::set<std::string> named_columns;      // those that SQL of the user's may read, in a CustomSql or a `where`
  std::vector<QualityCheck> checks;
  std::vector<PlannedRule> rules;      // one for each ExpectRule
  std::vector<QualityAction> actions;  // the same

  // Whether one scan answers all, so that nothing has to be kept.
  [[nodiscard]] bool IsSinglePass() const;
};

// kInvalidArgument or kUnsupported, beginning with the rule: text that is no rule, a missing column with the nearest
// name, a condition that does not fit the type, `quarantine` on a rule that is not about single rows. now_ns: since
// 1970, UTC; what now() and DataFreshness mean.
[[nodiscard]] Result<QualityPlan> PlanQuality(const std::vector<ExpectRule>& rules, const Schema& schema,
                                              int64_t now_ns);

// What can be said of a rule before any table is known: for `firn validate`.
[[nodiscard]] Status ValidateExpectRule(const ExpectRule& rule);

}  // namespace firn
