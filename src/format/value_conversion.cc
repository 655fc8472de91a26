#include "format/value_conversion.h"

#include <fmt/format.h>
#include <parquet/exception.h>

#include <limits>
#include <span>

namespace firn {
namespace {

using Kind = ValueConversion::Kind;
using Physical = parquet::Type;

bool IsInteger(TypeKind kind) {
  return kind >= TypeKind::kInt8 && kind <= TypeKind::kUInt64;
}
bool IsUnsigned(TypeKind kind) {
  return kind >= TypeKind::kUInt8 && kind <= TypeKind::kUInt64;
}

int64_t PerSecond(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMillis:
      return 1'000;
    case TimeUnit::kMicros:
      return 1'000'000;
    case TimeUnit::kNanos:
      return 1'000'000'000;
  }
  return 1;
}

__extension__ using UInt128 = unsigned __int128;

constexpr int64_t kNanosPerDay = 86'400'000'000'000;
constexpr int64_t kJulianEpochDay = 2'440'588;

int64_t NanosOf(const parquet::Int96& value) {
  const int64_t nanos = static_cast<int64_t>(static_cast<uint64_t>(value.value[1]) << 32 | value.value[0]);
  const int64_t days = static_cast<int64_t>(value.value[2]) - kJulianEpochDay;
  int64_t result = 0;
  if (__builtin_mul_overflow(days, kNanosPerDay, &result) || __builtin_add_overflow(result, nanos, &result))
    throw parquet::ParquetException("an INT96 timestamp lies outside the years 1677 to 2262");
  return result;
}

// Value number i of `values`, whatever integer-like physical type holds it.
Int128 IntegerAt(const ValueConversion& conversion, const void* values, int64_t i) {
  switch (conversion.from) {
    case Physical::INT32: {
      const int32_t value = static_cast<const int32_t*>(values)[i];
      return conversion.from_unsigned ? static_cast<Int128>(static_cast<uint32_t>(value)) : value;
    }
    case Physical::INT64: {
      const int64_t value = static_cast<const int64_t*>(values)[i];
      return conversion.from_unsigned ? static_cast<Int128>(static_cast<uint64_t>(value)) : value;
    }
    case Physical::FIXED_LEN_BYTE_ARRAY:
      return BigEndianToInt128(static_cast<const parquet::FixedLenByteArray*>(values)[i].ptr, conversion.from_length);
    default: {
      const auto& value = static_cast<const parquet::ByteArray*>(values)[i];
      if (value.len > 16) throw parquet::ParquetException("a decimal of more than 16 bytes");
      return BigEndianToInt128(value.ptr, static_cast<int>(value.len));
    }
  }
}

template <class T>
T* RoomFor(std::vector<char>& buffer, int64_t count) {
  buffer.resize(static_cast<size_t>(count) * sizeof(T) + alignof(std::max_align_t));
  return reinterpret_cast<T*>(buffer.data());
}

const void* ToInt64(const ValueConversion& conversion, const void* values, int64_t count, ConversionScratch& scratch) {
  auto* out = RoomFor<int64_t>(scratch.values, count);
  for (int64_t i = 0; i < count; ++i) out[i] = static_cast<int64_t>(IntegerAt(conversion, values, i));
  return out;
}

const void* ToDouble(const ValueConversion& conversion, const void* values, int64_t count, ConversionScratch& scratch) {
  auto* out = RoomFor<double>(scratch.values, count);
  if (conversion.from == Physical::FLOAT) {
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<const float*>(values)[i];
  } else {
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<double>(IntegerAt(conversion, values, i));
  }
  return out;
}

const void* ScaleInt64(const ValueConversion& conversion, const void* values, int64_t count,
                       ConversionScratch& scratch) {
  auto* out = RoomFor<int64_t>(scratch.values, count);
  for (int64_t i = 0; i < count; ++i) {
    const auto value = static_cast<int64_t>(IntegerAt(conversion, values, i));
    if (__builtin_mul_overflow(value, conversion.multiplier, &out[i]))
      throw parquet::ParquetException(fmt::format("the time {} does not fit the finer unit of the table", value));
  }
  return out;
}

const void* Int96ToNanos(const void* values, int64_t count, ConversionScratch& scratch) {
  auto* out = RoomFor<int64_t>(scratch.values, count);
  for (int64_t i = 0; i < count; ++i) out[i] = NanosOf(static_cast<const parquet::Int96*>(values)[i]);
  return out;
}

[[noreturn]] void DecimalDoesNotFit() {
  throw parquet::ParquetException("a decimal does not fit the precision of the table");
}

Int128 ScaledUp(Int128 value, int powers) {
  for (; powers > 0; --powers)
    if (__builtin_mul_overflow(value, static_cast<Int128>(10), &value)) DecimalDoesNotFit();
  return value;
}

template <class T>
void ToDecimalOf(const ValueConversion& conversion, const void* values, int64_t count, T* out) {
  for (int64_t i = 0; i < count; ++i) {
    const Int128 value = ScaledUp(IntegerAt(conversion, values, i), conversion.scale_up);
    if (value != static_cast<T>(value)) DecimalDoesNotFit();
    out[i] = static_cast<T>(value);
  }
}

// Big-endian two's complement.
void StoreDecimal(Int128 value, std::span<uint8_t> bytes) {
  for (size_t b = bytes.size(); b-- > 0; value >>= 8) bytes[b] = static_cast<uint8_t>(value & 0xff);
  const bool negative = !bytes.empty() && (bytes[0] & 0x80) != 0;
  if (value != (negative ? -1 : 0)) DecimalDoesNotFit();
}

const void* ToDecimal(const ValueConversion& conversion, const void* values, int64_t count,
                      ConversionScratch& scratch) {
  if (conversion.to == Physical::INT32) {
    auto* out = RoomFor<int32_t>(scratch.values, count);
    ToDecimalOf(conversion, values, count, out);
    return out;
  }
  if (conversion.to == Physical::INT64) {
    auto* out = RoomFor<int64_t>(scratch.values, count);
    ToDecimalOf(conversion, values, count, out);
    return out;
  }
  auto* out = RoomFor<parquet::FixedLenByteArray>(scratch.values, count);
  const auto length = static_cast<size_t>(conversion.to_length);
  scratch.bytes.resize(static_cast<size_t>(count) * length);
  for (int64_t i = 0; i < count; ++i) {
    uint8_t* bytes = scratch.bytes.data() + static_cast<size_t>(i) * length;
    StoreDecimal(ScaledUp(IntegerAt(conversion, values, i), conversion.scale_up), {bytes, length});
    out[i].ptr = bytes;
  }
  return out;
}

Result<ValueConversion> Refuse(const Type& from, const Type& to) {
  return Fail(ErrorKind::kMismatch, fmt::format("values of type kind {} cannot be written as type kind {}",
                                                static_cast<int>(from.kind), static_cast<int>(to.kind)));
}

}  // namespace

Int128 BigEndianToInt128(const uint8_t* bytes, int length) {
  if (length == 0) return 0;
  Int128 value = (bytes[0] & 0x80) != 0 ? -1 : 0;
  for (int i = 0; i < length; ++i) value = static_cast<Int128>(static_cast<UInt128>(value) << 8 | bytes[i]);
  return value;
}

Result<ValueConversion> ConversionOf(const Type& from, parquet::Type::type from_physical, int from_length,
                                     const Type& to, parquet::Type::type to_physical, int to_length) {
  ValueConversion conversion{.from = from_physical,
                             .to = to_physical,
                             .from_unsigned = IsUnsigned(from.kind),
                             .from_length = from_length,
                             .to_length = to_length};
  if (from.kind == TypeKind::kNull) {
    conversion.kind = Kind::kNoValues;
    return conversion;
  }
  if (to.kind == TypeKind::kDecimal && (from.kind == TypeKind::kDecimal || IsInteger(from.kind))) {
    conversion.scale_up = to.scale - (from.kind == TypeKind::kDecimal ? from.scale : 0);
    const bool same = conversion.scale_up == 0 && from_physical == to_physical && from.kind == to.kind &&
                      (from_physical == Physical::INT32 || from_physical == Physical::INT64 ||
                       (from_physical == Physical::FIXED_LEN_BYTE_ARRAY && from_length == to_length));
    if (conversion.scale_up < 0) return Refuse(from, to);
    conversion.kind = same ? Kind::kNone : Kind::kToDecimal;
    return conversion;
  }
  if (from.kind == to.kind && (from.kind == TypeKind::kTimestamp || from.kind == TypeKind::kTime)) {
    conversion.multiplier = PerSecond(to.unit) / PerSecond(from.unit);
    if (conversion.multiplier == 0) return Refuse(from, to);
    if (from_physical == Physical::INT96)
      conversion.kind = Kind::kInt96ToNanos;
    else if (conversion.multiplier != 1 || from_physical != to_physical)
      conversion.kind = Kind::kScaleInt64;
    return conversion;
  }
  const bool same_length = from_physical != Physical::FIXED_LEN_BYTE_ARRAY || from_length == to_length;
  if (from_physical == to_physical && same_length) return conversion;
  if (IsInteger(from.kind) && to_physical == Physical::INT64)
    conversion.kind = Kind::kToInt64;
  else if ((IsInteger(from.kind) || from.kind == TypeKind::kFloat) && to_physical == Physical::DOUBLE)
    conversion.kind = Kind::kToDouble;
  else
    return Refuse(from, to);
  return conversion;
}

const void* Convert(const ValueConversion& conversion, const void* values, int64_t count, ConversionScratch& scratch) {
  switch (conversion.kind) {
    case Kind::kNone:
      return values;
    case Kind::kNoValues:
      if (count > 0) throw parquet::ParquetException("a column holds values, and its type says that it has none");
      return values;
    case Kind::kToInt64:
      return ToInt64(conversion, values, count, scratch);
    case Kind::kToDouble:
      return ToDouble(conversion, values, count, scratch);
    case Kind::kScaleInt64:
      return ScaleInt64(conversion, values, count, scratch);
    case Kind::kInt96ToNanos:
      return Int96ToNanos(values, count, scratch);
    case Kind::kToDecimal:
      return ToDecimal(conversion, values, count, scratch);
  }
  return values;
}

}  // namespace firn
