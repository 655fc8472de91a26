#include "text/long_numbers.h"

#include <algorithm>
#include <optional>

#include "text/inference.h"

namespace firn {
namespace {

constexpr int kDigitsOfDouble = 15;

// Digits between the first and the last that is not zero.
int SignificantDigits(std::string_view number) {
  int digits = 0;
  int zeros = 0;
  for (const char c : number) {
    if (c == 'e' || c == 'E') break;
    if (c < '0' || c > '9') continue;
    if (c != '0') {
      digits += zeros + 1;
      zeros = 0;
    } else if (digits > 0) {
      ++zeros;
    }
  }
  return digits;
}

bool IsLong(const Token& token) {
  const bool number = token.kind == TokenKind::kInteger || token.kind == TokenKind::kNumber;
  return number && token.size > kDigitsOfDouble && SignificantDigits(token.text()) > kDigitsOfDouble;
}

std::vector<Field> LongFields(const TokenColumn& column);

// Nothing when no number below is long.
std::optional<Type> LongType(const TokenColumn& column) {
  if (std::ranges::any_of(column.tokens(), IsLong)) return Type{.kind = TypeKind::kString};
  if (const TokenColumn* const element = column.element(); element != nullptr && column.is_map())
    return std::nullopt;  // declared, with the type of its values
  else if (element != nullptr)
    if (auto type = LongType(*element))
      return Type{.kind = TypeKind::kList, .children = {{"element", std::move(*type)}}};
  std::vector<Field> fields = LongFields(column);
  if (fields.empty()) return std::nullopt;
  return Type{.kind = TypeKind::kStruct, .children = std::move(fields)};
}

std::vector<Field> LongFields(const TokenColumn& column) {
  std::vector<Field> fields;
  for (const auto& field : column.fields())
    if (auto type = LongType(*field)) fields.push_back({field->name(), std::move(*type)});
  return fields;
}

std::vector<Field> UniteLongFields(const std::vector<Field>& a, const std::vector<Field>& b) {
  return UnionOf(a, b, [](const Type& one, const Type& other) -> Type {
    if (one.kind != other.kind || one.kind == TypeKind::kString) return {.kind = TypeKind::kString};
    return {.kind = one.kind, .children = UniteLongFields(one.children, other.children)};
  });
}

void KeepDigitsOf(std::vector<Field>& fields, const std::vector<Field>& long_numbers) {
  for (Field& field : fields) {
    const auto same = std::ranges::find(long_numbers, field.name, &Field::name);
    if (same == long_numbers.end()) continue;
    if (field.type.kind == TypeKind::kDouble && same->type.kind == TypeKind::kString)
      field.type = {.kind = TypeKind::kString};
    else
      KeepDigitsOf(field.type.children, same->type.children);
  }
}

}  // namespace

Schema LongNumbers(const TokenColumn& root) {
  return {LongFields(root)};
}

Schema UniteLongNumbers(const Schema& a, const Schema& b) {
  return {UniteLongFields(a.fields, b.fields)};
}

Schema KeepDigits(Schema inferred, const Schema& long_numbers) {
  KeepDigitsOf(inferred.fields, long_numbers.fields);
  return inferred;
}

}  // namespace firn
