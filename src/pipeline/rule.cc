#include "pipeline/rule.h"

#include <array>
#include <utility>

#include "base/check.h"

namespace firn {
namespace {

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string_view NameOf(DurationUnit unit) {
  switch (unit) {
    case DurationUnit::kMinutes:
      return "minutes";
    case DurationUnit::kHours:
      return "hours";
    case DurationUnit::kDays:
      break;
  }
  return "days";
}

std::string NowText(const Operand& operand) {
  if (operand.amount == 0) return "now()";
  const bool back = operand.amount < 0;
  const std::string amount = std::to_string(back ? -operand.amount : operand.amount);
  return std::string("(now() ") + (back ? "- " : "+ ") + amount + " " + std::string(NameOf(operand.unit)) + ")";
}

std::string ToText(const Operand& operand) {
  switch (operand.kind) {
    case OperandKind::kNumber:
      return operand.text;
    case OperandKind::kText:
      return Quoted(operand.text);
    case OperandKind::kNull:
      return "NULL";
    case OperandKind::kEmpty:
      return "EMPTY";
    case OperandKind::kWhitespacesOnly:
      return "WHITESPACES_ONLY";
    case OperandKind::kNow:
      return NowText(operand);
    case OperandKind::kDuration:
      break;
  }
  return std::to_string(operand.amount) + " " + std::string(NameOf(operand.unit));
}

std::string Listed(const std::vector<Operand>& operands) {
  std::string out = "[";
  for (const Operand& operand : operands) out += (out.size() > 1 ? ", " : "") + ToText(operand);
  return out + "]";
}

std::string SimpleText(const Rule& rule) {
  std::string out(TraitsOf(rule.type).name);
  for (const std::string& column : rule.columns) out += " " + Quoted(column);
  if (TraitsOf(rule.type).statement) out += " " + Quoted(rule.statement);
  if (rule.condition) out += " " + ToText(*rule.condition);
  if (rule.where) out += " where " + Quoted(*rule.where);
  if (rule.threshold) out += " with threshold " + ToText(*rule.threshold);
  return out;
}

}  // namespace

bool operator==(const Rule& a, const Rule& b) {
  return a.shape == b.shape && a.children == b.children && a.type == b.type && a.columns == b.columns &&
         a.statement == b.statement && a.condition == b.condition && a.threshold == b.threshold && a.where == b.where;
}

const std::vector<RuleTraits>& AllRuleTraits() {
  using enum ConditionNeed;
  constexpr int kMany = 32;
  static const std::vector<RuleTraits> traits = {
      // type, name, columns from..to, statement, condition, threshold, where
      {RuleType::kIsComplete, "IsComplete", 1, 1, false, kNone, false, true},
      {RuleType::kCompleteness, "Completeness", 1, 1, false, kNumber, false, true},
      {RuleType::kIsUnique, "IsUnique", 1, kMany, false, kNone, false, true},
      {RuleType::kUniqueness, "Uniqueness", 1, kMany, false, kNumber, false, true},
      {RuleType::kUniqueValueRatio, "UniqueValueRatio", 1, kMany, false, kNumber, false, true},
      {RuleType::kIsPrimaryKey, "IsPrimaryKey", 1, kMany, false, kNone, false, true},
      {RuleType::kColumnValues, "ColumnValues", 1, 1, false, kValue, true, true},
      {RuleType::kColumnLength, "ColumnLength", 1, 1, false, kNumber, true, true},
      {RuleType::kColumnExists, "ColumnExists", 1, 1, false, kNone, false, false},
      {RuleType::kColumnDataType, "ColumnDataType", 1, 1, false, kTypeName, true, true},
      {RuleType::kColumnNamesMatchPattern, "ColumnNamesMatchPattern", 0, 0, true, kNone, false, false},
      {RuleType::kColumnCount, "ColumnCount", 0, 0, false, kNumber, false, false},
      {RuleType::kRowCount, "RowCount", 0, 0, false, kNumber, false, true},
      {RuleType::kDataFreshness, "DataFreshness", 1, 1, false, kDuration, true, true},
      {RuleType::kDistinctValuesCount, "DistinctValuesCount", 1, 1, false, kNumber, false, true},
      {RuleType::kSum, "Sum", 1, 1, false, kNumber, false, true},
      {RuleType::kMean, "Mean", 1, 1, false, kNumber, false, true},
      {RuleType::kStandardDeviation, "StandardDeviation", 1, 1, false, kNumber, false, true},
      {RuleType::kCustomSql, "CustomSql", 0, 0, true, kOptionalNumber, true, false},
  };
  return traits;
}

const RuleTraits& TraitsOf(RuleType type) {
  for (const RuleTraits& traits : AllRuleTraits())
    if (traits.type == type) return traits;
  StopOnBrokenInvariant("a rule type without traits", std::source_location::current());
}

std::string_view NameOf(ConditionOp op) {
  static constexpr std::array<std::string_view, 12> kNames = {
      "=", "!=", ">", ">=", "<", "<=", "between", "not between", "in", "not in", "matches", "not matches"};
  return kNames[static_cast<size_t>(op)];
}

int64_t MicrosOf(int64_t amount, DurationUnit unit) {
  constexpr int64_t kMinute = 60'000'000;
  switch (unit) {
    case DurationUnit::kMinutes:
      return amount * kMinute;
    case DurationUnit::kHours:
      return amount * 60 * kMinute;
    case DurationUnit::kDays:
      break;
  }
  return amount * 24 * 60 * kMinute;
}

std::string ToText(const Condition& condition) {
  const std::string op = std::string(NameOf(condition.op)) + " ";
  switch (condition.op) {
    case ConditionOp::kIn:
    case ConditionOp::kNotIn:
      return op + Listed(condition.operands);
    case ConditionOp::kBetween:
    case ConditionOp::kNotBetween:
      return op + ToText(condition.operands.at(0)) + " and " + ToText(condition.operands.at(1));
    default:
      return op + ToText(condition.operands.at(0));
  }
}

std::string ToText(const Rule& rule) {
  if (rule.shape == RuleShape::kSimple) return SimpleText(rule);
  std::string out;
  for (const Rule& child : rule.children) {
    if (!out.empty()) out += rule.shape == RuleShape::kAnd ? " and " : " or ";
    out += "(" + ToText(child) + ")";
  }
  return out;
}

}  // namespace firn
