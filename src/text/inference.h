#pragma once

#include <algorithm>
#include <vector>

#include "schema/type.h"
#include "text/token_column.h"

namespace firn {

// The type of a column that only its values tell. The rules, in addition to those of schema/merge.h:
// - Integers are int64; when one does not fit, decimal(38,0); beyond 38 digits, text.
// - Numbers with a fraction or an exponent are double.
// - Texts of JSON are strings, whatever they look like; fields of CSV are what they look like, by
//   text/spelled_kind.h. Strings are also values of kinds that have no common type: their JSON.
// - An object without keys, in all records, is text: no format of tables has a struct without fields.
[[nodiscard]] Type InferType(const TokenColumn& column);
// The columns of records: `root` is that to which the records were added.
[[nodiscard]] Schema InferSchema(const TokenColumn& root);

// The fields of `a`, then those that `b` has besides; the types of those that both have by `unite`.
template <class Unite>
[[nodiscard]] std::vector<Field> UnionOf(const std::vector<Field>& a, const std::vector<Field>& b, Unite unite) {
  std::vector<Field> both = a;
  for (const Field& field : b) {
    const auto same = std::ranges::find(both, field.name, &Field::name);
    if (same == both.end())
      both.push_back(field);
    else
      same->type = unite(same->type, field.type);
  }
  return both;
}

// The type that holds the values of both, of which each was inferred from a part. Never fails: text holds all.
[[nodiscard]] Type UniteInferred(const Type& a, const Type& b);
[[nodiscard]] Schema UniteInferred(const Schema& a, const Schema& b);

}  // namespace firn
