#include "pipeline/quality_data_type.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/nearest.h"
#include "pipeline/quality_condition.h"
#include "schema/names.h"

namespace firn {
namespace {

constexpr std::string_view kDigits = R"(\s*[+-]?\d+\s*)";
constexpr std::string_view kFraction = R"(\s*[+-]?(\d+\.?\d*|\.\d+)\s*)";
constexpr std::string_view kReal = R"((?i)\s*[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf(inity)?|nan)\s*)";

// Names that are not Hive's own: Glue's, and families of types.
const std::vector<std::pair<std::string_view, TypeKind>>& OtherNames() {
  static const std::vector<std::pair<std::string_view, TypeKind>> names = {
      {"byte", TypeKind::kInt8},       {"short", TypeKind::kInt16},   {"real", TypeKind::kFloat},
      {"decimal", TypeKind::kDecimal}, {"struct", TypeKind::kStruct}, {"array", TypeKind::kList},
      {"map", TypeKind::kMap}};
  return names;
}

// A decimal without precision, and a nested type without children, stand for any of their kind.
Result<Type> ParseTypeName(const std::string& written) {
  std::string name = written;
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const auto& [other, kind] : OtherNames())
    if (name == other) return Type{.kind = kind};
  Result<Type> type = ParseHiveType(name);
  if (type || name.find_first_of("<(") != std::string::npos) return type;
  std::vector<std::string> known = {"boolean", "date",     "timestamp", "integer", "double", "float", "long",
                                    "tinyint", "smallint", "int",       "bigint",  "string", "binary"};
  for (const auto& [other, kind] : OtherNames()) known.emplace_back(other);
  return Fail(ErrorKind::kInvalidArgument, fmt::format("no type '{}'", written), SuggestFrom(name, known));
}

// Bits that hold a sign and a value of an integer type; 0 for other types.
int IntegerBits(TypeKind kind) {
  switch (kind) {
    case TypeKind::kInt8:
      return 8;
    case TypeKind::kUInt8:
      return 9;
    case TypeKind::kInt16:
      return 16;
    case TypeKind::kUInt16:
      return 17;
    case TypeKind::kInt32:
      return 32;
    case TypeKind::kUInt32:
      return 33;
    case TypeKind::kInt64:
      return 64;
    case TypeKind::kUInt64:
      return 65;
    default:
      return 0;
  }
}

int DigitsOf(int bits) {
  return bits == 0 ? 99 : (bits * 30103) / 100000 + 1;
}

// Whether every value of `actual` is one of `wanted`, with nothing lost.
bool Widens(const Type& actual, const Type& wanted) {
  const int bits = IntegerBits(actual.kind);
  if (actual.kind == TypeKind::kNull) return true;
  if (IsNested(wanted) && wanted.children.empty()) return actual.kind == wanted.kind;
  if (HiveTypeName(actual) == HiveTypeName(wanted)) return true;
  if (IntegerBits(wanted.kind) > 0) return bits > 0 && bits <= IntegerBits(wanted.kind);
  if (wanted.kind == TypeKind::kDecimal) {
    const bool any = wanted.precision == 0;
    if (bits > 0) return any || DigitsOf(bits) <= wanted.precision - wanted.scale;
    return actual.kind == TypeKind::kDecimal &&
           (any ||
            (actual.scale <= wanted.scale && actual.precision - actual.scale <= wanted.precision - wanted.scale));
  }
  if (wanted.kind == TypeKind::kDouble)
    return actual.kind == wanted.kind || actual.kind == TypeKind::kFloat || (bits > 0 && bits <= 33);
  if (wanted.kind == TypeKind::kFloat) return actual.kind == wanted.kind || (bits > 0 && bits <= 17);
  return actual.kind == wanted.kind && !IsNested(wanted);
}

std::string CastWhere(const std::string& sql, std::string_view pattern, std::string_view type) {
  return fmt::format("(TRY_CAST(CASE WHEN regexp_full_match({0}, '{1}') THEN trim({0}) END AS {2}) IS NOT NULL)", sql,
                     pattern, type);
}

// Nothing is rounded or cut to make a value fit: "1.5" is no integer.
Result<std::string> TextPredicate(const RuleColumn& column, const Type& wanted) {
  const std::string& sql = column.sql;
  switch (wanted.kind) {
    case TypeKind::kBoolean:
      return fmt::format(
          "coalesce(lower(trim({})) IN ('t', 'true', 'y', 'yes', '1', 'f', 'false', 'n', 'no', '0'), FALSE)", sql);
    case TypeKind::kInt8:
      return CastWhere(sql, kDigits, "TINYINT");
    case TypeKind::kInt16:
      return CastWhere(sql, kDigits, "SMALLINT");
    case TypeKind::kInt32:
      return CastWhere(sql, kDigits, "INTEGER");
    case TypeKind::kInt64:
      return CastWhere(sql, kDigits, "BIGINT");
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return fmt::format("coalesce(regexp_full_match({}, '{}'), FALSE)", sql, kReal);
    case TypeKind::kDecimal:
      if (wanted.precision == 0) return CastWhere(sql, kFraction, "DECIMAL(38,10)");
      return CastWhere(sql, kFraction, fmt::format("DECIMAL({},{})", wanted.precision, wanted.scale));
    case TypeKind::kDate:
      return fmt::format("(TRY_CAST({} AS DATE) IS NOT NULL)", sql);
    case TypeKind::kTimestamp:
      return fmt::format("(TRY_CAST({} AS TIMESTAMP) IS NOT NULL)", sql);
    default:
      return fmt::format("({} IS NOT NULL)", sql);
  }
}

}  // namespace

Result<DataTypeCheck> CheckDataType(const RuleColumn& column, const std::string& type_name) {
  FIRN_TRY_ASSIGN(const Type wanted, ParseTypeName(type_name));
  const bool readable = !IsNested(wanted) && wanted.kind != TypeKind::kBinary;
  if (column.type.kind == TypeKind::kString && readable) {
    FIRN_TRY_ASSIGN(std::string predicate, TextPredicate(column, wanted));
    return DataTypeCheck{std::move(predicate), ""};
  }
  if (Widens(column.type, wanted)) return DataTypeCheck{fmt::format("({} IS NOT NULL)", column.sql), ""};
  return DataTypeCheck{"FALSE", fmt::format("the column is {}", Describe(column.type))};
}

}  // namespace firn
