#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firn {

// A data-quality rule as text says it: the part of AWS Glue's DQDL that docs/reference/quality-rules.md describes.
// Plain data; whether the columns exist and their types fit is decided later, by PlanQuality.

enum class RuleType {
  kIsComplete,
  kCompleteness,
  kIsUnique,
  kUniqueness,
  kUniqueValueRatio,
  kIsPrimaryKey,
  kColumnValues,
  kColumnLength,
  kColumnExists,
  kColumnDataType,
  kColumnNamesMatchPattern,
  kColumnCount,
  kRowCount,
  kDataFreshness,
  kDistinctValuesCount,
  kSum,
  kMean,
  kStandardDeviation,
  kCustomSql,
};

enum class ConditionOp {
  kEqual,
  kNotEqual,
  kGreater,
  kGreaterOrEqual,
  kLess,
  kLessOrEqual,
  kBetween,     // both ends excluded, as in DQDL
  kNotBetween,  // both ends included
  kIn,
  kNotIn,
  kMatches,  // the whole text, not a part
  kNotMatches,
};

enum class DurationUnit { kMinutes, kHours, kDays };

enum class OperandKind {
  kNumber,           // text: as written, "-0.50"
  kText,             // text: without quotes and escapes
  kNull,             // NULL
  kEmpty,            // EMPTY: ''
  kWhitespacesOnly,  // WHITESPACES_ONLY
  kNow,              // now(), or now() plus `amount` `unit`s
  kDuration,         // `amount` `unit`s
};

struct Operand {
  OperandKind kind = OperandKind::kNumber;
  std::string text = {};
  int64_t amount = 0;
  DurationUnit unit = DurationUnit::kHours;

  friend bool operator==(const Operand&, const Operand&) = default;
};

struct Condition {
  ConditionOp op = ConditionOp::kEqual;
  std::vector<Operand> operands;  // two for (not) between, at least one for (not) in, else one

  friend bool operator==(const Condition&, const Condition&) = default;
};

enum class RuleShape { kSimple, kAnd, kOr };

struct Rule {
  RuleShape shape = RuleShape::kSimple;
  std::vector<Rule> children;  // kAnd, kOr: two or more; the rest is then unused

  RuleType type = RuleType::kRowCount;
  std::vector<std::string> columns;    // dotted names reach into structs
  std::string statement;               // CustomSql: the SQL; ColumnNamesMatchPattern: the pattern
  std::optional<Condition> condition;  // Completeness "c" > 0.95
  std::optional<Condition> threshold;  // with threshold > 0.9: on the share of rows that pass
  std::optional<std::string> where;    // SQL predicate: only rows for which it is true are looked at

  friend bool operator==(const Rule&, const Rule&);
};

// What a rule type takes; the parser, the planner and the documentation follow this one table.
enum class ConditionNeed { kNone, kNumber, kOptionalNumber, kValue, kDuration, kTypeName };

struct RuleTraits {
  RuleType type;
  std::string_view name;
  int min_columns;
  int max_columns;
  bool statement;  // one text in quotes
  ConditionNeed condition;
  bool threshold;
  bool where;
};

[[nodiscard]] const std::vector<RuleTraits>& AllRuleTraits();
[[nodiscard]] const RuleTraits& TraitsOf(RuleType type);
[[nodiscard]] std::string_view NameOf(ConditionOp op);  // ">=", "not in"
[[nodiscard]] int64_t MicrosOf(int64_t amount, DurationUnit unit);

// The rule in one spelling; ParseRule(ToText(rule)) == rule.
[[nodiscard]] std::string ToText(const Rule& rule);
[[nodiscard]] std::string ToText(const Condition& condition);

}  // namespace firn
