#pragma once

#include <parquet/types.h>

#include <vector>

#include "base/result.h"
#include "schema/type.h"

namespace firn {

// How the values of one file's leaf become those of the output's leaf, when the widths of their types differ.
struct ValueConversion {
  enum class Kind { kNone, kNoValues, kToInt64, kToDouble, kScaleInt64, kInt96ToNanos, kToDecimal } kind = Kind::kNone;
  parquet::Type::type from = parquet::Type::INT32;
  parquet::Type::type to = parquet::Type::INT32;
  bool from_unsigned = false;
  int from_length = 0;     // FIXED_LEN_BYTE_ARRAY
  int to_length = 0;       // FIXED_LEN_BYTE_ARRAY
  int64_t multiplier = 1;  // kScaleInt64
  int scale_up = 0;        // kToDecimal: powers of ten
};

// kMismatch when the schema rules (schema/merge.h) do not widen `from` to `to`.
Result<ValueConversion> ConversionOf(const Type& from, parquet::Type::type from_physical, int from_length,
                                     const Type& to, parquet::Type::type to_physical, int to_length);

// Memory of conversions, kept between calls. One a thread.
struct ConversionScratch {
  std::vector<char> values;
  std::vector<uint8_t> bytes;  // what FIXED_LEN_BYTE_ARRAY values point to
};

// Returns `count` values of the physical type `to`: `values` itself when nothing is to be done, else memory of
// `scratch`, valid until its next use. Throws parquet::ParquetException when a value does not fit (a timestamp too far
// out for a finer unit, a decimal greater than its type), or is where none can be.
const void* Convert(const ValueConversion& conversion, const void* values, int64_t count, ConversionScratch& scratch);

// The value of a decimal as stored: big-endian two's complement of `length` bytes.
__extension__ using Int128 = __int128;
Int128 BigEndianToInt128(const uint8_t* bytes, int length);

}  // namespace firn
