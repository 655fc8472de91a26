#include "schema/names.h"

#include <fmt/format.h>

namespace firn {
namespace {

bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string FieldName(const std::string& name) {
  bool plain = !name.empty();
  for (const char c : name) plain = plain && IsPlain(c);
  if (plain) return name;
  std::string quoted = "`";
  for (const char c : name) quoted.append(c == '`' ? 2 : 1, c);
  return quoted + "`";
}

int DigitsOf(TimeUnit unit) {
  return unit == TimeUnit::kMillis ? 3 : unit == TimeUnit::kMicros ? 6 : 9;
}

std::string TimestampName(const Type& type) {
  if (type.utc) return fmt::format("timestamp({}) with time zone", DigitsOf(type.unit));
  return type.unit == TimeUnit::kMicros ? "timestamp" : fmt::format("timestamp({})", DigitsOf(type.unit));
}

// Of what Hive has no equal of: firn's own name.
std::string ExactName(const Type& type) {
  switch (type.kind) {
    case TypeKind::kUInt8:
      return "utinyint";
    case TypeKind::kUInt16:
      return "usmallint";
    case TypeKind::kUInt32:
      return "uint";
    case TypeKind::kUInt64:
      return "ubigint";
    case TypeKind::kFixedBinary:
      return fmt::format("binary({})", type.length);
    case TypeKind::kUuid:
      return "uuid";
    case TypeKind::kTime:
      return fmt::format("time({})", DigitsOf(type.unit));
    case TypeKind::kTimestamp:
      return TimestampName(type);
    default:
      return "";
  }
}

// Of the same: the Hive type that holds its values.
std::string NearestHiveName(TypeKind kind) {
  switch (kind) {
    case TypeKind::kUInt8:
      return "smallint";
    case TypeKind::kUInt16:
      return "int";
    case TypeKind::kUInt32:
      return "bigint";
    case TypeKind::kUInt64:
      return "decimal(20,0)";
    case TypeKind::kFixedBinary:
      return "binary";
    case TypeKind::kUuid:
    case TypeKind::kTime:
      return "string";
    case TypeKind::kTimestamp:
      return "timestamp";
    default:
      return "";
  }
}

std::string_view PlainName(TypeKind kind) {
  switch (kind) {
    case TypeKind::kNull:
      return "void";
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kInt8:
      return "tinyint";
    case TypeKind::kInt16:
      return "smallint";
    case TypeKind::kInt32:
      return "int";
    case TypeKind::kInt64:
      return "bigint";
    case TypeKind::kFloat:
      return "float";
    case TypeKind::kDouble:
      return "double";
    case TypeKind::kString:
      return "string";
    case TypeKind::kBinary:
      return "binary";
    case TypeKind::kDate:
      return "date";
    default:
      return "";
  }
}

void AppendName(const Type& type, bool exact, std::string& out);

void AppendNested(const Type& type, bool exact, std::string& out) {
  out += type.kind == TypeKind::kStruct ? "struct<" : type.kind == TypeKind::kList ? "array<" : "map<";
  for (size_t i = 0; i < type.children.size(); ++i) {
    if (i > 0) out += ',';
    if (type.kind == TypeKind::kStruct) out += FieldName(type.children[i].name) + ":";
    AppendName(type.children[i].type, exact, out);
  }
  out += '>';
}

void AppendName(const Type& type, bool exact, std::string& out) {
  if (type.kind == TypeKind::kStruct || type.kind == TypeKind::kList || type.kind == TypeKind::kMap) {
    AppendNested(type, exact, out);
  } else if (type.kind == TypeKind::kDecimal) {
    out += fmt::format("decimal({},{})", type.precision, type.scale);
  } else if (const auto plain = PlainName(type.kind); !plain.empty()) {
    out += plain;
  } else {
    out += exact ? ExactName(type) : NearestHiveName(type.kind);
  }
}

}  // namespace

std::string HiveTypeName(const Type& type) {
  std::string name;
  AppendName(type, false, name);
  return name;
}

std::string Describe(const Type& type) {
  std::string name;
  AppendName(type, true, name);
  return name;
}

}  // namespace firn
