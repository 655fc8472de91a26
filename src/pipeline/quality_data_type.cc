#include "pipeline/quality_data_type.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "base/nearest.h"
#include "pipeline/quality_condition.h"

namespace firn {
namespace {

constexpr std::string_view kDigits = R"(\s*[+-]?\d+\s*)";
constexpr std::string_view kFraction = R"(\s*[+-]?(\d+\.?\d*|\.\d+)\s*)";
constexpr std::string_view kReal = R"((?i)\s*[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf(inity)?|nan)\s*)";

struct NamedType {
  std::string_view name;
  TypeKind kind;
};
constexpr std::array<NamedType, 21> kNamedTypes = {{{"boolean", TypeKind::kBoolean},
                                                    {"date", TypeKind::kDate},
                                                    {"timestamp", TypeKind::kTimestamp},
                                                    {"integer", TypeKind::kInt32},
                                                    {"double", TypeKind::kDouble},
                                                    {"float", TypeKind::kFloat},
                                                    {"long", TypeKind::kInt64},
                                                    {"decimal", TypeKind::kDecimal},
                                                    {"string", TypeKind::kString},
                                                    {"byte", TypeKind::kInt8},
                                                    {"short", TypeKind::kInt16},
                                                    {"tinyint", TypeKind::kInt8},
                                                    {"smallint", TypeKind::kInt16},
                                                    {"int", TypeKind::kInt32},
                                                    {"bigint", TypeKind::kInt64},
                                                    {"real", TypeKind::kFloat},
                                                    {"binary", TypeKind::kBinary},
                                                    {"varchar", TypeKind::kString},
                                                    {"struct", TypeKind::kStruct},
                                                    {"array", TypeKind::kList},
                                                    {"map", TypeKind::kMap}}};

// "decimal(12,2)" -> 12, 2; "decimal(12)" -> 12, 0
std::optional<std::pair<int, int>> DecimalParts(std::string_view parts) {
  int precision = 0;
  int scale = 0;
  const auto read = [](std::string_view text, int& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
  };
  const size_t comma = std::min(parts.find(','), parts.size());
  if (!read(parts.substr(0, comma), precision)) return std::nullopt;
  if (comma < parts.size() && !read(parts.substr(comma + 1), scale)) return std::nullopt;
  if (precision < 1 || precision > 38 || scale < 0 || scale > precision) return std::nullopt;
  return std::pair(precision, scale);
}

Result<Type> ParseTypeName(const std::string& written) {
  std::string name;
  for (char c : written)
    if (c != ' ') name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const size_t open = name.find('(');
  std::vector<std::string> known;
  for (const NamedType& named : kNamedTypes) {
    known.emplace_back(named.name);
    if (name.substr(0, open) != named.name) continue;
    Type type;
    type.kind = named.kind;
    if (open == std::string::npos) return type;
    if (named.kind != TypeKind::kDecimal || !name.ends_with(')')) break;
    const auto parts = DecimalParts(std::string_view(name).substr(open + 1, name.size() - open - 2));
    if (!parts) break;
    std::tie(type.precision, type.scale) = *parts;
    return type;
  }
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

int DigitsOf(int bits) { return bits == 0 ? 99 : (bits * 30103) / 100000 + 1; }

// Whether every value of `actual` is one of `wanted`, with nothing lost.
bool Widens(const Type& actual, const Type& wanted) {
  const int bits = IntegerBits(actual.kind);
  if (actual.kind == TypeKind::kNull) return true;
  if (IntegerBits(wanted.kind) > 0) return bits > 0 && bits <= IntegerBits(wanted.kind);
  if (wanted.kind == TypeKind::kDecimal) {
    const bool any = wanted.precision == 0;
    if (bits > 0) return any || DigitsOf(bits) <= wanted.precision - wanted.scale;
    return actual.kind == TypeKind::kDecimal &&
           (any || (actual.scale <= wanted.scale &&
                    actual.precision - actual.scale <= wanted.precision - wanted.scale));
  }
  if (wanted.kind == TypeKind::kDouble) return actual.kind == wanted.kind || actual.kind == TypeKind::kFloat || (bits > 0 && bits <= 33);
  if (wanted.kind == TypeKind::kFloat) return actual.kind == wanted.kind || (bits > 0 && bits <= 17);
  if (wanted.kind == TypeKind::kBinary) return actual.kind == wanted.kind || actual.kind == TypeKind::kFixedBinary;
  return actual.kind == wanted.kind;
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
      return fmt::format("coalesce(lower(trim({})) IN ('t', 'true', 'y', 'yes', '1', 'f', 'false', 'n', 'no', '0'), FALSE)", sql);
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
  return DataTypeCheck{"FALSE", fmt::format("the column is {}", TypeText(column.type))};
}

}  // namespace firn
