#include <fmt/format.h>

#include "sql/sql_engine.h"

namespace firn {
namespace {

std::string Quoted(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (char c : text) {
    if (c == quote) quoted += quote;
    quoted += c;
  }
  return quoted + quote;
}

std::string StructName(const Type& type) {
  std::string name = "STRUCT(";
  for (const Field& field : type.children) {
    if (name.back() != '(') name += ", ";
    name += QuoteIdentifier(field.name) + " " + SqlTypeName(field.type);
  }
  return name + ")";
}

// DuckDB keeps instants in microseconds only.
std::string_view TimestampName(const Type& type) {
  if (type.utc) return "TIMESTAMP WITH TIME ZONE";
  switch (type.unit) {
    case TimeUnit::kMillis:
      return "TIMESTAMP_MS";
    case TimeUnit::kMicros:
      return "TIMESTAMP";
    case TimeUnit::kNanos:
      return "TIMESTAMP_NS";
  }
  return "TIMESTAMP";
}

}  // namespace

std::string QuoteIdentifier(std::string_view name) {
  return Quoted(name, '"');
}
std::string QuoteLiteral(std::string_view text) {
  return Quoted(text, '\'');
}

bool IsNestedSqlType(std::string_view type) {
  return type.ends_with("]") || type.starts_with("STRUCT(") || type.starts_with("MAP(") || type.starts_with("UNION(") ||
         type == "VARIANT";
}

std::string SqlTypeName(const Type& type) {
  switch (type.kind) {
    case TypeKind::kNull:
      return "\"NULL\"";
    case TypeKind::kBoolean:
      return "BOOLEAN";
    case TypeKind::kInt8:
      return "TINYINT";
    case TypeKind::kInt16:
      return "SMALLINT";
    case TypeKind::kInt32:
      return "INTEGER";
    case TypeKind::kInt64:
      return "BIGINT";
    case TypeKind::kUInt8:
      return "UTINYINT";
    case TypeKind::kUInt16:
      return "USMALLINT";
    case TypeKind::kUInt32:
      return "UINTEGER";
    case TypeKind::kUInt64:
      return "UBIGINT";
    case TypeKind::kFloat:
      return "FLOAT";
    case TypeKind::kDouble:
      return "DOUBLE";
    case TypeKind::kDecimal:
      return fmt::format("DECIMAL({},{})", type.precision, type.scale);
    case TypeKind::kString:
      return "VARCHAR";
    case TypeKind::kBinary:
    case TypeKind::kFixedBinary:
      return "BLOB";
    case TypeKind::kUuid:
      return "UUID";
    case TypeKind::kDate:
      return "DATE";
    case TypeKind::kTime:
      return "TIME";
    case TypeKind::kTimestamp:
      return std::string(TimestampName(type));
    case TypeKind::kStruct:
      return StructName(type);
    case TypeKind::kList:
      return SqlTypeName(type.children.at(0).type) + "[]";
    case TypeKind::kMap:
      return fmt::format("MAP({}, {})", SqlTypeName(type.children.at(0).type), SqlTypeName(type.children.at(1).type));
  }
  return "VARCHAR";
}

}  // namespace firn
