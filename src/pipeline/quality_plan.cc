#include "pipeline/quality_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "pipeline/quality_column.h"
#include "pipeline/quality_condition.h"
#include "pipeline/quality_data_type.h"
#include "pipeline/rule_parser.h"
#include "schema/names.h"
#include "sql/sql_engine.h"

namespace firn {
namespace {

// Each row alone passes or breaks such a rule.
bool IsRowRule(const Rule& rule) {
  if (rule.shape != RuleShape::kSimple) return std::all_of(rule.children.begin(), rule.children.end(), IsRowRule);
  switch (rule.type) {
    case RuleType::kIsComplete:
    case RuleType::kColumnValues:
    case RuleType::kColumnLength:
    case RuleType::kColumnDataType:
    case RuleType::kDataFreshness:
      return !rule.threshold;
    default:
      return false;
  }
}

// "" when the rows that break the rule can be told apart.
std::string WhyNoQuarantine(const Rule& rule) {
  if (IsRowRule(rule)) return "";
  if (rule.shape != RuleShape::kSimple) return "a part of it is about the whole table";
  if (rule.type == RuleType::kIsUnique || rule.type == RuleType::kIsPrimaryKey) return "";
  if (rule.threshold) return "a threshold is about the share of all rows, not about single ones";
  if (rule.type == RuleType::kCustomSql) return rule.condition ? "its value is about the whole table" : "";
  return fmt::format("{} is about the whole table", TraitsOf(rule.type).name);
}

class Planner {
 public:
  Planner(const Schema& schema, int64_t now_ns)
      : schema_(schema), now_us_(now_ns >= 0 ? now_ns / 1000 : (now_ns - 999) / 1000) {}

  Status Add(const ExpectRule& expect) {
    FIRN_TRY(ValidateExpectRule(expect));
    FIRN_TRY_ASSIGN(const Rule rule, ParseRule(expect.rule));
    Result<PlannedRule> planned = Plan(rule);
    if (!planned) return std::unexpected(std::move(planned.error()).Within(fmt::format("rule '{}'", expect.rule)));
    plan_.rules.push_back(*std::move(planned));
    plan_.actions.push_back(expect.action);
    return {};
  }

  QualityPlan Finish() {
    for (const Field& field : schema_.fields) {
      if (custom_.contains(field.name)) plan_.custom_columns.push_back(field.name);
      if (custom_.contains(field.name) || read_.contains(field.name)) plan_.columns.push_back(field.name);
    }
    return std::move(plan_);
  }

 private:
  Result<PlannedRule> Plan(const Rule& rule) {
    PlannedRule planned;
    if (rule.shape == RuleShape::kSimple || IsRowRule(rule)) {
      FIRN_TRY_ASSIGN(QualityCheck check, rule.shape == RuleShape::kSimple ? Simple(rule) : RowComposite(rule));
      planned.check = plan_.checks.size();
      plan_.checks.push_back(std::move(check));
      return planned;
    }
    planned.shape = rule.shape;
    for (const Rule& child : rule.children) {
      FIRN_TRY_ASSIGN(PlannedRule part, Plan(child));
      planned.children.push_back(std::move(part));
    }
    return planned;
  }

  Result<QualityCheck> RowComposite(const Rule& rule) {
    QualityCheck check;
    check.kind = CheckKind::kRows;
    FIRN_TRY_ASSIGN(check.predicate, RowPredicate(rule));
    return check;
  }

  Result<std::string> RowPredicate(const Rule& rule) {
    if (rule.shape == RuleShape::kSimple) {
      FIRN_TRY_ASSIGN(const QualityCheck check, Simple(rule));
      // A row that `where` leaves out breaks nothing.
      return check.scope.empty() ? check.predicate : fmt::format("(NOT {} OR {})", check.scope, check.predicate);
    }
    std::vector<std::string> parts;
    for (const Rule& child : rule.children) {
      FIRN_TRY_ASSIGN(std::string part, RowPredicate(child));
      parts.push_back(std::move(part));
    }
    return fmt::format("({})", fmt::join(parts, rule.shape == RuleShape::kAnd ? " AND " : " OR "));
  }

  Result<RuleColumn> Column(const std::string& name) {
    FIRN_TRY_ASSIGN(RuleColumn column, ResolveColumn(schema_, name));
    read_.insert(column.top);
    return column;
  }

  Result<QualityCheck> Simple(const Rule& rule) {
    QualityCheck check;
    check.type = rule.type;
    check.share = rule.threshold;
    if (rule.where) {
      FIRN_TRY_ASSIGN(const UserSql where, ReadPredicate(schema_, *rule.where));
      read_.insert(where.columns.begin(), where.columns.end());
      plan_.named_columns.insert(where.columns.begin(), where.columns.end());
      check.scope = fmt::format("coalesce(({}\n), FALSE)", where.text);
    }
    switch (rule.type) {
      case RuleType::kColumnExists:
      case RuleType::kColumnCount:
        Decide(rule, check);
        break;
      case RuleType::kColumnNamesMatchPattern:
        MatchNames(rule, check);
        break;
      case RuleType::kRowCount:
      case RuleType::kDistinctValuesCount:
      case RuleType::kSum:
      case RuleType::kMean:
      case RuleType::kStandardDeviation:
        FIRN_TRY(Aggregate(rule, check));
        break;
      case RuleType::kIsUnique:
      case RuleType::kUniqueness:
      case RuleType::kUniqueValueRatio:
      case RuleType::kIsPrimaryKey:
        FIRN_TRY(Keys(rule, check));
        break;
      case RuleType::kCustomSql:
        FIRN_TRY(CustomSql(rule, check));
        break;
      default:
        FIRN_TRY(Rows(rule, check));
    }
    if (check.share) FIRN_TRY(CheckShare(*check.share));
    return check;
  }

  static Status CheckShare(const Condition& share) {
    for (const Operand& operand : share.operands) {
      const double number = std::strtod(operand.text.c_str(), nullptr);
      if (number < 0 || number > 1)
        return Fail(ErrorKind::kInvalidArgument, fmt::format("{} is no share of the rows", operand.text),
                    "Shares go from 0 to 1: write 95 % as 0.95.");
    }
    return {};
  }

  void Decide(const Rule& rule, QualityCheck& check) const {
    check.kind = CheckKind::kDecided;
    if (rule.type == RuleType::kColumnExists) {
      check.passed = HasColumn(schema_, rule.columns.at(0));
      check.observed = check.passed ? "the column exists" : fmt::format("no column '{}'", rule.columns.at(0));
      return;
    }
    check.passed = Holds(*rule.condition, static_cast<double>(schema_.fields.size()));
    check.observed = fmt::format("ColumnCount was {}", schema_.fields.size());
  }

  // The engine's own regular expressions, over constants.
  void MatchNames(const Rule& rule, QualityCheck& check) const {
    std::string breaking;
    for (const Field& field : schema_.fields)
      breaking += fmt::format("{}CASE WHEN NOT regexp_full_match({}, {}) THEN {} END", breaking.empty() ? "" : ", ",
                              QuoteLiteral(field.name), QuoteLiteral(rule.statement), QuoteLiteral(field.name));
    check.kind = CheckKind::kValue;
    check.label = "columns that do not match";
    check.input = breaking.empty() ? "''" : fmt::format("concat_ws(', ', {})", breaking);
  }

  Status Aggregate(const Rule& rule, QualityCheck& check) {
    check.kind = CheckKind::kValue;
    check.label = TraitsOf(rule.type).name;
    check.condition = rule.condition;
    check.function = "count";
    if (rule.type == RuleType::kRowCount) return {};
    FIRN_TRY_ASSIGN(const RuleColumn column, Column(rule.columns.at(0)));
    check.input = column.sql;
    check.distinct = rule.type == RuleType::kDistinctValuesCount;
    if (check.distinct) return {};
    if (!IsNumeric(column.type) && column.type.kind != TypeKind::kNull)
      return Fail(ErrorKind::kInvalidArgument,
                  fmt::format("column '{}' is {}: {} is for numbers", column.name, Describe(column.type), check.label));
    if (column.type.kind == TypeKind::kNull) check.input = "CAST(NULL AS BIGINT)";
    check.function = rule.type == RuleType::kSum ? "sum" : rule.type == RuleType::kMean ? "avg" : "stddev_pop";
    return {};
  }

  Status Keys(const Rule& rule, QualityCheck& check) {
    check.kind = CheckKind::kKeys;
    check.share = rule.condition;
    for (const std::string& name : rule.columns) {
      FIRN_TRY_ASSIGN(const RuleColumn column, Column(name));
      check.keys.push_back(column.sql);
    }
    return {};
  }

  Status CustomSql(const Rule& rule, QualityCheck& check) {
    check.kind = rule.condition ? CheckKind::kSqlValue : CheckKind::kSqlRows;
    check.condition = rule.condition;
    FIRN_TRY_ASSIGN(UserSql sql, ReadStatement(schema_, rule.statement));
    check.statement = std::move(sql.text);
    custom_.insert(sql.columns.begin(), sql.columns.end());
    plan_.named_columns.insert(sql.columns.begin(), sql.columns.end());
    return {};
  }

  Status Rows(const Rule& rule, QualityCheck& check) {
    check.kind = CheckKind::kRows;
    FIRN_TRY_ASSIGN(const RuleColumn column, Column(rule.columns.at(0)));
    if (!IsNested(column.type) && rule.type != RuleType::kIsComplete && rule.type != RuleType::kCompleteness)
      check.example = column.sql;
    switch (rule.type) {
      case RuleType::kColumnValues: {
        FIRN_TRY_ASSIGN(check.predicate, ValuePredicate(column, *rule.condition, now_us_));
        return {};
      }
      case RuleType::kColumnLength: {
        FIRN_TRY_ASSIGN(check.predicate, LengthPredicate(column, *rule.condition));
        return {};
      }
      case RuleType::kDataFreshness: {
        FIRN_TRY_ASSIGN(check.predicate, FreshnessPredicate(column, *rule.condition, now_us_));
        return {};
      }
      case RuleType::kColumnDataType:
        return DataType(rule, column, check);
      default:
        check.predicate = fmt::format("({} IS NOT NULL)", column.sql);
        if (rule.type == RuleType::kCompleteness) check.share = rule.condition;
        return {};
    }
  }

  static Status DataType(const Rule& rule, const RuleColumn& column, QualityCheck& check) {
    FIRN_TRY_ASSIGN(DataTypeCheck type, CheckDataType(column, rule.condition->operands.at(0).text));
    check.predicate = std::move(type.predicate);
    check.mismatch = std::move(type.mismatch);
    if (rule.condition->op == ConditionOp::kNotEqual) {
      check.predicate = "NOT " + check.predicate;
      check.mismatch = "";
    }
    return {};
  }

  const Schema& schema_;
  int64_t now_us_;
  QualityPlan plan_;
  std::set<std::string> read_;
  std::set<std::string> custom_;
};

}  // namespace

bool QualityPlan::IsSinglePass() const {
  return std::none_of(checks.begin(), checks.end(), [](const QualityCheck& check) {
    return check.kind == CheckKind::kKeys || check.kind == CheckKind::kSqlValue || check.kind == CheckKind::kSqlRows;
  });
}

Result<QualityPlan> PlanQuality(const std::vector<ExpectRule>& rules, const Schema& schema, int64_t now_ns) {
  Planner planner(schema, now_ns);
  for (const ExpectRule& rule : rules) FIRN_TRY(planner.Add(rule));
  return planner.Finish();
}

Status ValidateExpectRule(const ExpectRule& rule) {
  FIRN_TRY_ASSIGN(const Rule parsed, ParseRule(rule.rule));
  if (rule.action != QualityAction::kQuarantine) return {};
  const std::string reason = WhyNoQuarantine(parsed);
  if (reason.empty()) return {};
  return Fail(ErrorKind::kInvalidArgument, fmt::format("rule '{}' cannot quarantine rows: {}", rule.rule, reason),
              "Use fail or warn, or a rule about single rows: IsComplete, ColumnValues, ColumnLength, ColumnDataType, "
              "DataFreshness, IsUnique, IsPrimaryKey.");
}

}  // namespace firn
