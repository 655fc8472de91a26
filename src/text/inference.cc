#include "text/inference.h"

#include <charconv>

#include "schema/merge.h"
#include "text/spelled_kind.h"

namespace firn {
namespace {

constexpr size_t kMostDigits = 38;
constexpr size_t kSurelyInt64 = 18;  // digits, or 17 and a sign

struct Seen {
  bool boolean = false;
  bool integer = false;
  bool big = false;   // an integer beyond int64
  bool huge = false;  // one beyond decimal
  bool number = false;
  bool text = false;
  bool object = false;
  bool list = false;
  bool date = false;
  bool timestamp = false;
  bool instant = false;

  [[nodiscard]] int kinds() const {
    return boolean + (integer || number) + text + object + list + date + timestamp + instant;
  }
};

void Look(const Token& token, Seen& seen) {
  const TokenKind kind = token.kind == TokenKind::kPlain ? SpelledKind(token.text()) : token.kind;
  seen.boolean |= kind == TokenKind::kBoolean;
  seen.number |= kind == TokenKind::kNumber;
  seen.text |= kind == TokenKind::kText;
  seen.object |= kind == TokenKind::kObject;
  seen.list |= kind == TokenKind::kList;
  seen.date |= kind == TokenKind::kDate;
  seen.timestamp |= kind == TokenKind::kTimestamp;
  seen.instant |= kind == TokenKind::kInstant;
  if (kind != TokenKind::kInteger) return;
  seen.integer = true;
  if (token.size <= kSurelyInt64) return;
  int64_t value = 0;
  const bool fits = std::from_chars(token.data, token.data + token.size, value).ec == std::errc();
  seen.big |= !fits;
  seen.huge |= token.size - (*token.data == '-' ? 1 : 0) > kMostDigits;
}

Type NumberType(const Seen& seen) {
  if (seen.number) return {.kind = TypeKind::kDouble};
  if (seen.huge) return {.kind = TypeKind::kString};
  if (seen.big) return {.kind = TypeKind::kDecimal, .precision = static_cast<int>(kMostDigits)};
  return {.kind = TypeKind::kInt64};
}

std::vector<Field> FieldsOf(const TokenColumn& column) {
  std::vector<Field> fields;
  for (const auto& field : column.fields())
    if (!field->tokens().empty()) fields.push_back({field->name(), InferType(*field)});
  return fields;
}

std::vector<Field> UniteFields(const std::vector<Field>& a, const std::vector<Field>& b) {
  return UnionOf(a, b, [](const Type& one, const Type& other) { return UniteInferred(one, other); });
}

}  // namespace

Type InferType(const TokenColumn& column) {
  Seen seen;
  for (const Token& token : column.tokens()) {
    Look(token, seen);
    if (seen.text) break;  // which holds all
  }
  if (seen.kinds() == 0) return {};
  if (seen.kinds() > 1 || seen.text) return {.kind = TypeKind::kString};
  if (seen.boolean) return {.kind = TypeKind::kBoolean};
  if (seen.date) return {.kind = TypeKind::kDate};
  if (seen.timestamp || seen.instant)
    return {.kind = TypeKind::kTimestamp, .unit = TimeUnit::kMicros, .utc = seen.instant};
  if (seen.integer || seen.number) return NumberType(seen);
  if (seen.list) {
    const Type element = column.element() == nullptr ? Type() : InferType(*column.element());
    return {.kind = TypeKind::kList, .children = {{"element", element}}};
  }
  std::vector<Field> fields = FieldsOf(column);
  if (fields.empty()) return {.kind = TypeKind::kString};
  return {.kind = TypeKind::kStruct, .children = std::move(fields)};
}

Schema InferSchema(const TokenColumn& root) {
  return {FieldsOf(root)};
}

Type UniteInferred(const Type& a, const Type& b) {
  if (a.kind == b.kind && (a.kind == TypeKind::kStruct || a.kind == TypeKind::kList))
    return {.kind = a.kind, .children = UniteFields(a.children, b.children)};
  if (auto merged = MergeTypes(a, b)) return std::move(*merged);
  return {.kind = IsNumber(a.kind) && IsNumber(b.kind) ? TypeKind::kDouble : TypeKind::kString};
}

Schema UniteInferred(const Schema& a, const Schema& b) {
  return {UniteFields(a.fields, b.fields)};
}

}  // namespace firn
