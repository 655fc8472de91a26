#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "schema/type.h"

namespace firn::testing {

// Random types for properties. With `depth` 0 there are only leaves.
inline rc::Gen<Type> AnyLeaf() {
  return rc::gen::exec([] {
    Type type;
    type.kind = static_cast<TypeKind>(
        *rc::gen::inRange(static_cast<int>(TypeKind::kNull), static_cast<int>(TypeKind::kTimestamp) + 1));
    if (type.kind == TypeKind::kDecimal) {
      type.precision = *rc::gen::inRange(1, 39);
      type.scale = *rc::gen::inRange(0, type.precision + 1);
    }
    if (type.kind == TypeKind::kFixedBinary) type.length = *rc::gen::inRange(1, 4);
    if (type.kind == TypeKind::kTime || type.kind == TypeKind::kTimestamp)
      type.unit = static_cast<TimeUnit>(*rc::gen::inRange(0, 3));
    if (type.kind == TypeKind::kTimestamp) type.utc = *rc::gen::arbitrary<bool>();
    return type;
  });
}

inline rc::Gen<Type> AnyType(int depth, rc::Gen<std::string> field_name) {
  if (depth == 0) return AnyLeaf();
  return rc::gen::exec([depth, field_name] {
    const int shape = *rc::gen::inRange(0, 6);
    if (shape > 2) return *AnyLeaf();
    const auto child = AnyType(depth - 1, field_name);
    Type type;
    if (shape == 0) {
      type.kind = TypeKind::kStruct;
      for (int field = *rc::gen::inRange(0, 4); field > 0; --field) {
        const std::string name = *field_name;
        if (std::ranges::find(type.children, name, &Field::name) == type.children.end())
          type.children.push_back({name, *child, true});
      }
    } else if (shape == 1) {
      type.kind = TypeKind::kList;
      type.children.push_back({"element", *child, true});
    } else {
      type.kind = TypeKind::kMap;
      type.children.push_back({"key", *child, false});
      type.children.push_back({"value", *child, true});
    }
    return type;
  });
}

}  // namespace firn::testing
