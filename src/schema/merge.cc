#include "schema/merge.h"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>

#include "schema/names.h"

namespace firn {
namespace {

constexpr int kMostDigits = 38;

bool IsSigned(TypeKind kind) {
  return kind >= TypeKind::kInt8 && kind <= TypeKind::kInt64;
}
bool IsUnsigned(TypeKind kind) {
  return kind >= TypeKind::kUInt8 && kind <= TypeKind::kUInt64;
}
bool IsInteger(TypeKind kind) {
  return IsSigned(kind) || IsUnsigned(kind);
}
bool IsFloating(TypeKind kind) {
  return kind == TypeKind::kFloat || kind == TypeKind::kDouble;
}

// 0, 1, 2, 3 for 8, 16, 32, 64 bits.
int WidthStep(TypeKind kind) {
  return static_cast<int>(kind) - static_cast<int>(IsSigned(kind) ? TypeKind::kInt8 : TypeKind::kUInt8);
}

Type Decimal(int precision, int scale) {
  return {.kind = TypeKind::kDecimal, .precision = precision, .scale = scale};
}

Type MergeIntegers(TypeKind a, TypeKind b) {
  if (IsSigned(a) == IsSigned(b)) return {.kind = std::max(a, b)};
  const TypeKind with_sign = IsSigned(a) ? a : b;
  const int needed = WidthStep(IsSigned(a) ? b : a) + 1;
  if (needed > 3) return Decimal(20, 0);
  return {.kind = std::max(with_sign, static_cast<TypeKind>(static_cast<int>(TypeKind::kInt8) + needed))};
}

// Unsigned types count as the signed type that holds them, so that (uint8, int8), decimal and uint8, (int8, decimal)
// come to the same.
Type AsDecimal(const Type& type) {
  if (type.kind == TypeKind::kDecimal) return type;
  constexpr int kDigits[] = {3, 5, 10, 19, 20};
  return Decimal(kDigits[WidthStep(type.kind) + (IsUnsigned(type.kind) ? 1 : 0)], 0);
}

std::optional<Type> MergeDecimals(const Type& a, const Type& b) {
  const int scale = std::max(a.scale, b.scale);
  const int precision = std::max(a.precision - a.scale, b.precision - b.scale) + scale;
  if (precision > kMostDigits) return std::nullopt;
  return Decimal(precision, scale);
}

std::optional<Type> MergeNumbers(const Type& a, const Type& b) {
  if (IsInteger(a.kind) && IsInteger(b.kind)) return MergeIntegers(a.kind, b.kind);
  if (!IsFloating(a.kind) && !IsFloating(b.kind)) return MergeDecimals(AsDecimal(a), AsDecimal(b));
  for (const TypeKind kind : {a.kind, b.kind})
    if (kind == TypeKind::kDecimal || kind == TypeKind::kUInt64) return std::nullopt;
  return Type{.kind = TypeKind::kDouble};
}

// Types without children that differ; nullopt is a conflict.
std::optional<Type> MergeLeaves(const Type& a, const Type& b) {
  if (IsNumber(a.kind) && IsNumber(b.kind)) return MergeNumbers(a, b);
  const bool times = a.kind == b.kind && (a.kind == TypeKind::kTime || a.kind == TypeKind::kTimestamp);
  if (!times || a.utc != b.utc) return std::nullopt;
  return a.unit > b.unit ? a : b;
}

// Fields by name; a scan is enough for the few fields of most structs.
class FieldIndex {
 public:
  explicit FieldIndex(const std::vector<Field>& fields) : fields_(fields) {
    if (fields.size() < 16) return;
    for (const Field& field : fields) by_name_.emplace(field.name, &field);
  }

  [[nodiscard]] const Field* Find(std::string_view name) const {
    if (by_name_.empty()) {
      const auto found = std::ranges::find(fields_, name, &Field::name);
      return found == fields_.end() ? nullptr : &*found;
    }
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }

 private:
  const std::vector<Field>& fields_;
  std::unordered_map<std::string_view, const Field*> by_name_;
};

std::string Below(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

Result<Type> Merge(const std::string& path, const Type& a, const Type& b);

Result<std::vector<Field>> MergeFields(const std::string& path, const std::vector<Field>& a,
                                       const std::vector<Field>& b) {
  const FieldIndex index_a(a);
  const FieldIndex index_b(b);
  std::vector<Field> merged;
  merged.reserve(std::max(a.size(), b.size()));
  for (const Field& field : a) {
    const Field* other = index_b.Find(field.name);
    if (other == nullptr) {
      merged.push_back({field.name, field.type, true});
      continue;
    }
    FIRN_TRY_ASSIGN(Type type, Merge(Below(path, field.name), field.type, other->type));
    merged.push_back({field.name, std::move(type), field.nullable || other->nullable});
  }
  for (const Field& field : b)
    if (index_a.Find(field.name) == nullptr) merged.push_back({field.name, field.type, true});
  return merged;
}

bool IsNested(TypeKind kind) {
  return kind == TypeKind::kStruct || kind == TypeKind::kList || kind == TypeKind::kMap;
}

Result<Type> Merge(const std::string& path, const Type& a, const Type& b) {
  if (a == b || b.kind == TypeKind::kNull) return a;
  if (a.kind == TypeKind::kNull) return b;
  if (a.kind == b.kind && IsNested(a.kind)) {
    Type merged{.kind = a.kind};
    FIRN_TRY_ASSIGN(merged.children, MergeFields(path, a.children, b.children));
    return merged;
  }
  if (auto merged = MergeLeaves(a, b)) return *std::move(merged);
  const std::string column = path.empty() ? "" : "column '" + path + "': ";
  return Fail(ErrorKind::kMismatch, column + Describe(a) + " and " + Describe(b) + " do not merge",
              "Write the column with one type, or give it another name");
}

}  // namespace

Result<Type> MergeTypes(const Type& a, const Type& b) {
  return Merge("", a, b);
}

Result<Schema> MergeSchemas(const Schema& a, const Schema& b) {
  if (a == b) return a;
  FIRN_TRY_ASSIGN(std::vector<Field> fields, MergeFields("", a.fields, b.fields));
  return Schema{std::move(fields)};
}

}  // namespace firn
