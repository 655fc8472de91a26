#pragma once

#include <parquet/types.h>

#include <string>

#include "schema/type.h"

namespace firn {

// How values are spelled in CSV and JSON (docs/formats.md):
//   dates 2025-11-03; times 06:30:00.123456; timestamps 2025-11-03T06:30:00.123456, with a Z when they are instants; as
//   many digits as their unit has; decimals with all digits of their scale; floats as the shortest text that reads back
//   as the same value, NaN, Infinity, -Infinity; binary in base64; UUIDs in their usual form. Strings are their bytes.

// Appends value `index` of `data` (physical type `physical`, fixed `length`) to `out`, without quotes or escapes.
class ValueText {
 public:
  ValueText(const Type& type, parquet::Type::type physical, int length)
      : type_(type), physical_(physical), length_(length) {}

  void Append(const void* data, int64_t index, std::string& out) const;
  // True for what JSON writes bare: numbers and booleans.
  [[nodiscard]] bool IsBareInJson() const;

 private:
  void AppendDecimal(const void* data, int64_t index, std::string& out) const;
  void AppendInteger(const void* data, int64_t index, std::string& out) const;
  [[nodiscard]] std::string_view BytesAt(const void* data, int64_t index) const;

  Type type_;
  parquet::Type::type physical_;
  int length_;
};

void AppendDate(int64_t days, std::string& out);
void AppendTimestamp(int64_t value, TimeUnit unit, bool utc, std::string& out);

// Appends `text` as a JSON string, with quotes. Bytes that are not UTF-8 become U+FFFD.
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace firn
