#include "pipeline/quality_condition.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "env/time_zone.h"
#include "schema/names.h"
#include "sql/sql_engine.h"

namespace firn {
namespace {

// One side of a comparison: which expression of the column it looks at, and the constant.
struct Comparand {
  std::string value;
  std::string constant;
};

bool IsEqualityOrSet(ConditionOp op) {
  using enum ConditionOp;
  return op == kEqual || op == kNotEqual || op == kIn || op == kNotIn;
}
bool IsNegated(ConditionOp op) {
  return op == ConditionOp::kNotEqual || op == ConditionOp::kNotIn;
}

std::string Never(const std::string& predicate) {
  return fmt::format("coalesce({}, FALSE)", predicate);
}

bool LooksLikeNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const size_t dot = std::min(text.find('.'), text.size());
  const auto digits = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  return text.size() <= 39 && digits(text.substr(0, dot)) && (dot == text.size() || digits(text.substr(dot + 1)));
}

// Without zeros that mean nothing: they would widen a decimal comparison beyond 38 digits.
std::string NumberLiteral(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  while (text.size() > 1 && text[0] == '0' && text[1] != '.') text.remove_prefix(1);
  if (text.contains('.')) {
    while (text.ends_with('0')) text.remove_suffix(1);
    if (text.ends_with('.')) text.remove_suffix(1);
  }
  return negative ? fmt::format("(-{})", text) : std::string(text);
}

// Instants as integers: micros, or nanos where the column has them (DuckDB keeps UTC instants in micros only; see
// WithoutZonedNanos).
bool InNanos(const Type& type) {
  return type.kind == TypeKind::kTimestamp && type.unit == TimeUnit::kNanos && !type.utc;
}
std::string InstantOf(const RuleColumn& column) {
  if (column.type.kind == TypeKind::kString) return fmt::format("epoch_us(TRY_CAST({} AS TIMESTAMP))", column.sql);
  if (InNanos(column.type)) return fmt::format("epoch_ns({})", column.sql);
  if (column.type.utc) return fmt::format("epoch_us({})", column.sql);
  return fmt::format("epoch_us(CAST({} AS TIMESTAMP))", column.sql);
}
std::string InstantConstant(const Type& type, int64_t micros) {
  return InNanos(type) ? fmt::format("({} * 1000)", micros) : std::to_string(micros);
}
// The calendar day, of UTC where the column holds instants, whatever zone the session is in.
std::string DayOf(const RuleColumn& column) {
  if (column.type.kind == TypeKind::kDate) return column.sql;
  if (column.type.kind == TypeKind::kString) return fmt::format("TRY_CAST({} AS DATE)", column.sql);
  if (column.type.utc) return fmt::format("CAST(make_timestamp(epoch_us({})) AS DATE)", column.sql);
  return fmt::format("CAST({} AS DATE)", column.sql);
}

// "2024-01-31 10:00", "2024-01-31T10:00:00.5Z"
bool IsIsoTimestamp(std::string_view text) {
  if (text.size() < 16 || !IsIsoDate(text.substr(0, 10)) || (text[10] != 'T' && text[10] != ' ')) return false;
  return text.substr(11).find_first_not_of("0123456789:.Z") == std::string_view::npos;
}

class ValueCondition {
 public:
  ValueCondition(const RuleColumn& column, const Condition& condition, int64_t now_us)
      : column_(column), condition_(condition), now_us_(now_us) {}

  Result<std::string> Sql() {
    using enum ConditionOp;
    if (condition_.op == kMatches || condition_.op == kNotMatches) return Matches();
    if (IsEqualityOrSet(condition_.op)) return Membership();
    std::vector<Comparand> sides;
    for (const Operand& operand : condition_.operands) {
      FIRN_TRY_ASSIGN(Comparand side, Compared(operand));
      sides.push_back(std::move(side));
    }
    const auto compare = [&](size_t i, std::string_view op) {
      return fmt::format("{} {} {}", sides[i].value, op, sides[i].constant);
    };
    if (condition_.op == kBetween) return Never(fmt::format("({} AND {})", compare(0, ">"), compare(1, "<")));
    if (condition_.op == kNotBetween) return Never(fmt::format("({} OR {})", compare(0, "<="), compare(1, ">=")));
    return Never(compare(0, NameOf(condition_.op)));
  }

 private:
  std::unexpected<Error> Misfit(const Operand& operand, std::string hint) const {
    const std::string shown = ToText(Condition{ConditionOp::kEqual, {operand}}).substr(2);
    return Fail(
        ErrorKind::kInvalidArgument,
        fmt::format("column '{}' is {} and cannot be compared with {}", column_.name, Describe(column_.type), shown),
        std::move(hint));
  }

  Result<std::string> Matches() const {
    if (IsNested(column_.type) || column_.type.kind == TypeKind::kBinary)
      return Misfit(condition_.operands.at(0), "Patterns are for texts.");
    const std::string text =
        column_.type.kind == TypeKind::kString ? column_.sql : fmt::format("CAST({} AS VARCHAR)", column_.sql);
    const std::string match =
        fmt::format("regexp_full_match({}, {})", text, QuoteLiteral(condition_.operands.at(0).text));
    return Never(condition_.op == ConditionOp::kMatches ? match : "NOT " + match);
  }

  Result<std::string> Membership() {
    std::vector<std::string> any;
    std::vector<Comparand> sides;
    for (const Operand& operand : condition_.operands) {
      if (operand.kind == OperandKind::kNull) {
        any.push_back(column_.sql + " IS NULL");
      } else if (operand.kind == OperandKind::kEmpty || operand.kind == OperandKind::kWhitespacesOnly) {
        if (column_.type.kind != TypeKind::kString && column_.type.kind != TypeKind::kNull)
          return Misfit(operand, "EMPTY and WHITESPACES_ONLY are for texts.");
        any.push_back(Never(operand.kind == OperandKind::kEmpty
                                ? column_.sql + " = ''"
                                : fmt::format("regexp_full_match({}, '[\\s\\p{{Z}}]+')", Text())));
      } else {
        FIRN_TRY_ASSIGN(Comparand side, Compared(operand));
        sides.push_back(std::move(side));
      }
    }
    AddSets(sides, any);
    const std::string is_in = fmt::format("({})", fmt::join(any, " OR "));
    return IsNegated(condition_.op) ? "NOT " + is_in : is_in;
  }

  static void AddSets(const std::vector<Comparand>& sides, std::vector<std::string>& any) {
    for (size_t i = 0; i < sides.size();) {
      const size_t first = i;
      std::string constants;
      for (; i < sides.size() && sides[i].value == sides[first].value; ++i)
        constants += (i > first ? ", " : "") + sides[i].constant;
      any.push_back(Never(fmt::format("{} IN ({})", sides[first].value, constants)));
    }
  }

  std::string Text() const {
    return column_.type.kind == TypeKind::kNull ? fmt::format("CAST({} AS VARCHAR)", column_.sql) : column_.sql;
  }

  Result<Comparand> Compared(const Operand& operand) const {
    switch (column_.type.kind) {
      case TypeKind::kNull:
        return Comparand{"CAST(NULL AS VARCHAR)", "''"};  // no value: nothing is equal, less or greater
      case TypeKind::kBoolean:
        if (operand.text == "true" || operand.text == "false") return Comparand{column_.sql, operand.text};
        return Misfit(operand, "Write \"true\" or \"false\".");
      case TypeKind::kString:
        return ComparedText(operand);
      case TypeKind::kDate:
      case TypeKind::kTimestamp:
        return ComparedTime(operand);
      case TypeKind::kTime:
      case TypeKind::kUuid:
        if (operand.kind != OperandKind::kText) return Misfit(operand, "Write the value in double quotes.");
        return Comparand{column_.sql,
                         fmt::format("CAST({} AS {})", QuoteLiteral(operand.text), SqlTypeName(column_.type))};
      default:
        break;
    }
    if (!IsNumeric(column_.type))
      return Misfit(operand, "Such a column can be compared with NULL only; see also CustomSql.");
    const bool number =
        operand.kind == OperandKind::kNumber || (operand.kind == OperandKind::kText && LooksLikeNumber(operand.text));
    if (!number) return Misfit(operand, "Compare it with a number.");
    return Comparand{column_.sql, NumberLiteral(operand.text)};
  }

  // Ordered against a date, a text is read as one (what cannot be read is NULL); else texts compare as texts, byte by
  // byte.
  Result<Comparand> ComparedText(const Operand& operand) const {
    if (operand.kind == OperandKind::kNumber)
      return Misfit(operand, "Write the value in double quotes, or cast the column before the rules.");
    if (operand.kind == OperandKind::kNow) return ComparedNow(operand);
    const bool ordered = !IsEqualityOrSet(condition_.op);
    if (ordered && (IsIsoDate(operand.text) || IsIsoTimestamp(operand.text))) return ComparedTime(operand);
    return Comparand{column_.sql, QuoteLiteral(operand.text)};
  }

  // A date asks for the calendar day, as Glue's to_date(column) does; a date with a time for the instant.
  Result<Comparand> ComparedTime(const Operand& operand) const {
    if (operand.kind == OperandKind::kNow) return ComparedNow(operand);
    if (operand.kind == OperandKind::kText && IsIsoDate(operand.text))
      return Comparand{DayOf(column_), fmt::format("DATE {}", QuoteLiteral(operand.text))};
    const bool instant = operand.kind == OperandKind::kText && IsIsoTimestamp(operand.text);
    if (!instant || column_.type.kind == TypeKind::kDate)
      return Misfit(operand, "Write a date as \"2024-01-31\", or use now().");
    const std::string scale = InNanos(column_.type) ? " * 1000" : "";
    return Comparand{InstantOf(column_),
                     fmt::format("(epoch_us(CAST({} AS TIMESTAMP)){})", QuoteLiteral(operand.text), scale)};
  }

  Result<Comparand> ComparedNow(const Operand& operand) const {
    const int64_t micros = now_us_ + MicrosOf(operand.amount, operand.unit);
    if (column_.type.kind == TypeKind::kDate)
      return Comparand{column_.sql, fmt::format("CAST(make_timestamp({}) AS DATE)", micros)};
    return Comparand{InstantOf(column_), InstantConstant(column_.type, micros)};
  }

  const RuleColumn& column_;
  const Condition& condition_;
  int64_t now_us_;
};

std::string_view Mirrored(ConditionOp op) {
  switch (op) {
    case ConditionOp::kGreater:
      return "<";
    case ConditionOp::kGreaterOrEqual:
      return "<=";
    case ConditionOp::kLess:
      return ">";
    case ConditionOp::kLessOrEqual:
      return ">=";
    default:
      return op == ConditionOp::kNotEqual ? "<>" : "=";
  }
}

}  // namespace

bool IsNumeric(const Type& type) {
  return (type.kind >= TypeKind::kInt8 && type.kind <= TypeKind::kDouble) || type.kind == TypeKind::kDecimal;
}

bool IsNested(const Type& type) {
  return type.kind == TypeKind::kStruct || type.kind == TypeKind::kList || type.kind == TypeKind::kMap;
}

Result<std::string> ValuePredicate(const RuleColumn& column, const Condition& condition, int64_t now_us) {
  return ValueCondition(column, condition, now_us).Sql();
}

Result<std::string> LengthPredicate(const RuleColumn& column, const Condition& condition) {
  switch (column.type.kind) {
    case TypeKind::kString:
      return NumberPredicate(fmt::format("coalesce(length({}), 0)", column.sql), condition);
    case TypeKind::kBinary:
    case TypeKind::kFixedBinary:
      return NumberPredicate(fmt::format("coalesce(octet_length({}), 0)", column.sql), condition);
    case TypeKind::kNull:
      return NumberPredicate("0", condition);
    default:
      return Fail(ErrorKind::kInvalidArgument,
                  fmt::format("column '{}' is {}: ColumnLength is for texts", column.name, Describe(column.type)));
  }
}

Result<std::string> FreshnessPredicate(const RuleColumn& column, const Condition& condition, int64_t now_us) {
  using enum ConditionOp;
  if (column.type.kind == TypeKind::kNull) return std::string("FALSE");
  if (column.type.kind != TypeKind::kDate && column.type.kind != TypeKind::kTimestamp &&
      column.type.kind != TypeKind::kString)
    return Fail(ErrorKind::kInvalidArgument, fmt::format("column '{}' is {}: DataFreshness is for dates and timestamps",
                                                         column.name, Describe(column.type)));
  // now - t <= 24h is asked as t >= now - 24h: no subtraction can overflow.
  const std::string value = InstantOf(column);
  std::vector<std::string> instants;
  for (const Operand& operand : condition.operands)
    instants.push_back(InstantConstant(column.type, now_us - MicrosOf(operand.amount, operand.unit)));
  switch (condition.op) {
    case kBetween:
      return Never(fmt::format("({0} < {1} AND {0} > {2})", value, instants.at(0), instants.at(1)));
    case kNotBetween:
      return Never(fmt::format("({0} >= {1} OR {0} <= {2})", value, instants.at(0), instants.at(1)));
    case kIn:
    case kNotIn:
      return Never(fmt::format("{} {}IN ({})", value, condition.op == kIn ? "" : "NOT ", fmt::join(instants, ", ")));
    default:
      return Never(fmt::format("{} {} {}", value, Mirrored(condition.op), instants.at(0)));
  }
}

std::string NumberPredicate(const std::string& sql, const Condition& condition) {
  using enum ConditionOp;
  std::vector<std::string> numbers;
  for (const Operand& operand : condition.operands) numbers.push_back(NumberLiteral(operand.text));
  switch (condition.op) {
    case kBetween:
      return Never(fmt::format("({0} > {1} AND {0} < {2})", sql, numbers.at(0), numbers.at(1)));
    case kNotBetween:
      return Never(fmt::format("({0} <= {1} OR {0} >= {2})", sql, numbers.at(0), numbers.at(1)));
    case kIn:
    case kNotIn:
      return Never(fmt::format("{} {}IN ({})", sql, condition.op == kIn ? "" : "NOT ", fmt::join(numbers, ", ")));
    default:
      return Never(fmt::format("{} {} {}", sql, NameOf(condition.op), numbers.at(0)));
  }
}

bool Holds(const Condition& condition, double value) {
  using enum ConditionOp;
  std::vector<double> numbers;
  for (const Operand& operand : condition.operands) numbers.push_back(std::strtod(operand.text.c_str(), nullptr));
  const bool listed = std::find(numbers.begin(), numbers.end(), value) != numbers.end();
  switch (condition.op) {
    case kEqual:
    case kIn:
      return listed;
    case kNotEqual:
    case kNotIn:
      return !listed;
    case kGreater:
      return value > numbers.at(0);
    case kGreaterOrEqual:
      return value >= numbers.at(0);
    case kLess:
      return value < numbers.at(0);
    case kLessOrEqual:
      return value <= numbers.at(0);
    case kBetween:
      return value > numbers.at(0) && value < numbers.at(1);
    case kNotBetween:
      return value <= numbers.at(0) || value >= numbers.at(1);
    case kMatches:
    case kNotMatches:
      break;
  }
  return false;
}

}  // namespace firn
