#include "schema/merge.h"

#include <fmt/format.h>

#include <algorithm>

#include "schema/names.h"

namespace firn {
namespace {

constexpr int kMaxPrecision = 38;

bool IsSigned(TypeKind kind) {
  return kind >= TypeKind::kInt8 && kind <= TypeKind::kInt64;
}
bool IsUnsigned(TypeKind kind) {
  return kind >= TypeKind::kUInt8 && kind <= TypeKind::kUInt64;
}
bool IsInteger(TypeKind kind) {
  return IsSigned(kind) || IsUnsigned(kind);
}
bool IsFloat(TypeKind kind) {
  return kind == TypeKind::kFloat || kind == TypeKind::kDouble;
}

Type Plain(TypeKind kind) {
  return Type{.kind = kind};
}
Type Decimal(int precision, int scale) {
  return Type{.kind = TypeKind::kDecimal, .precision = precision, .scale = scale};
}

// 8, 16, 32 or 64 bits as 0, 1, 2, 3.
int WidthOf(TypeKind kind) {
  return static_cast<int>(kind) - static_cast<int>(IsSigned(kind) ? TypeKind::kInt8 : TypeKind::kUInt8);
}

Type MergeIntegers(const Type& a, const Type& b) {
  if (IsSigned(a.kind) == IsSigned(b.kind)) return WidthOf(a.kind) >= WidthOf(b.kind) ? a : b;
  const Type& with_sign = IsSigned(a.kind) ? a : b;
  const Type& without = IsSigned(a.kind) ? b : a;
  const int width = std::max(WidthOf(with_sign.kind), WidthOf(without.kind) + 1);
  if (width > 3) return Decimal(20, 0);
  return Plain(static_cast<TypeKind>(static_cast<int>(TypeKind::kInt8) + width));
}

// An integer as the decimal that holds all its values.
Type AsDecimal(const Type& type) {
  if (type.kind == TypeKind::kDecimal) return type;
  constexpr int kSignedDigits[] = {3, 5, 10, 19};
  constexpr int kUnsignedDigits[] = {3, 5, 10, 20};
  return Decimal((IsSigned(type.kind) ? kSignedDigits : kUnsignedDigits)[WidthOf(type.kind)], 0);
}

Result<Type> MergeDecimals(const Type& a, const Type& b) {
  const int scale = std::max(a.scale, b.scale);
  const int digits = std::max(a.precision - a.scale, b.precision - b.scale);
  if (digits + scale > kMaxPrecision)
    return Fail(ErrorKind::kMismatch, fmt::format("{} and {} need {} digits, a decimal has {}", Describe(a),
                                                  Describe(b), digits + scale, kMaxPrecision));
  return Decimal(digits + scale, scale);
}

Result<std::vector<Field>> MergeFields(const std::vector<Field>& a, const std::vector<Field>& b) {
  std::vector<Field> merged;
  for (const Field& field : a) {
    const auto other = std::ranges::find(b, field.name, &Field::name);
    if (other == b.end()) {
      merged.push_back({field.name, field.type, true});
      continue;
    }
    auto type = MergeTypes(field.type, other->type);
    if (!type) return std::unexpected(std::move(type.error()).Within("column " + field.name));
    merged.push_back({field.name, std::move(*type), field.nullable || other->nullable});
  }
  for (const Field& field : b)
    if (std::ranges::find(a, field.name, &Field::name) == a.end()) merged.push_back({field.name, field.type, true});
  return merged;
}

Result<Type> MergeNested(const Type& a, const Type& b) {
  Type merged = a;
  if (a.kind == TypeKind::kStruct) {
    FIRN_TRY_ASSIGN(merged.children, MergeFields(a.children, b.children));
    return merged;
  }
  for (size_t i = 0; i < merged.children.size(); ++i) {
    FIRN_TRY_ASSIGN(merged.children[i].type, MergeTypes(a.children[i].type, b.children[i].type));
    merged.children[i].nullable = a.children[i].nullable || b.children[i].nullable;
  }
  return merged;
}

Result<Type> Conflict(const Type& a, const Type& b) {
  return Fail(ErrorKind::kMismatch, fmt::format("{} and {} do not merge", Describe(a), Describe(b)),
              "Write the column with one type, or give it another name");
}

}  // namespace

Result<Type> MergeTypes(const Type& a, const Type& b) {
  if (a == b) return a;
  if (a.kind == TypeKind::kNull) return b;
  if (b.kind == TypeKind::kNull) return a;
  if (IsInteger(a.kind) && IsInteger(b.kind)) return MergeIntegers(a, b);
  const bool numeric = (IsInteger(a.kind) || IsFloat(a.kind)) && (IsInteger(b.kind) || IsFloat(b.kind));
  if (numeric) return Plain(TypeKind::kDouble);
  const bool exact =
      (IsInteger(a.kind) || a.kind == TypeKind::kDecimal) && (IsInteger(b.kind) || b.kind == TypeKind::kDecimal);
  if (exact) return MergeDecimals(AsDecimal(a), AsDecimal(b));
  if (a.kind != b.kind) return Conflict(a, b);
  switch (a.kind) {
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
      if (a.utc != b.utc) return Conflict(a, b);
      return a.unit >= b.unit ? a : b;
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
      return MergeNested(a, b);
    default:
      return Conflict(a, b);
  }
}

Result<Schema> MergeSchemas(const Schema& a, const Schema& b) {
  if (a == b) return a;
  FIRN_TRY_ASSIGN(std::vector<Field> fields, MergeFields(a.fields, b.fields));
  return Schema{std::move(fields)};
}

}  // namespace firn
