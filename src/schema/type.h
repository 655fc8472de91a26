#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firn {

// firn's own types: what Parquet, CSV, JSON, Hive names and SQL types are translated from and to. Independent of Arrow.
enum class TypeKind {
  kNull,  // a column of which only NULLs were seen; widens to anything
  kBoolean,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
  kFloat,
  kDouble,
  kDecimal,  // precision 1..38, scale 0..precision
  kString,   // UTF-8
  kBinary,
  kFixedBinary,  // `length` bytes
  kUuid,
  kDate,       // days since 1970-01-01
  kTime,       // since midnight, in `unit`
  kTimestamp,  // since 1970-01-01T00:00:00, in `unit`; `utc` says whether it is an instant or a wall-clock time
  kStruct,     // children: its fields
  kList,       // children: one field, "element"
  kMap,        // children: "key" (never NULL) and "value"
};

// Integers, floating point numbers and decimals.
[[nodiscard]] constexpr bool IsNumber(TypeKind kind) {
  return kind >= TypeKind::kInt8 && kind <= TypeKind::kDecimal;
}

enum class TimeUnit { kMillis, kMicros, kNanos };

struct Field;

// A value; compare with ==.
struct Type {
  TypeKind kind = TypeKind::kNull;
  int precision = 0;                  // kDecimal
  int scale = 0;                      // kDecimal
  int length = 0;                     // kFixedBinary
  TimeUnit unit = TimeUnit::kMicros;  // kTime, kTimestamp
  bool utc = false;                   // kTimestamp
  std::vector<Field> children;        // kStruct, kList, kMap

  friend bool operator==(const Type&, const Type&);
};

struct Field {
  std::string name;
  Type type;
  bool nullable = true;

  friend bool operator==(const Field&, const Field&) = default;
};

inline bool operator==(const Type& a, const Type& b) {
  return a.kind == b.kind && a.precision == b.precision && a.scale == b.scale && a.length == b.length &&
         a.unit == b.unit && a.utc == b.utc && a.children == b.children;
}

// The columns of a table or a file, in order. Names are unique (a file that repeats one is refused where it is read).
struct Schema {
  std::vector<Field> fields;

  [[nodiscard]] const Field* Find(std::string_view name) const {
    for (const Field& field : fields)
      if (field.name == name) return &field;
    return nullptr;
  }
  friend bool operator==(const Schema&, const Schema&) = default;
};

}  // namespace firn
