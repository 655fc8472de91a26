#include "format/value_text.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <iterator>

#include "format/value_conversion.h"

namespace firn {
namespace {

void TwoDigits(uint32_t value, std::string& out) {
  out.push_back(static_cast<char>('0' + value / 10));
  out.push_back(static_cast<char>('0' + value % 10));
}

struct UnitFacts {
  int64_t per_second;
  int digits;
};
UnitFacts FactsOf(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMillis:
      return {1'000, 3};
    case TimeUnit::kMicros:
      return {1'000'000, 6};
    case TimeUnit::kNanos:
      return {1'000'000'000, 9};
  }
  return {1, 0};
}

// 06:30:00.123456 of a count of units since midnight.
void AppendTimeOfDay(int64_t value, TimeUnit unit, std::string& out) {
  const UnitFacts facts = FactsOf(unit);
  const auto seconds = static_cast<uint32_t>(value / facts.per_second);
  auto fraction = value % facts.per_second;
  TwoDigits(seconds / 3600, out);
  out.push_back(':');
  TwoDigits(seconds / 60 % 60, out);
  out.push_back(':');
  TwoDigits(seconds % 60, out);
  out.push_back('.');
  const size_t end = out.size() + static_cast<size_t>(facts.digits);
  out.resize(end);
  for (size_t i = end; i > end - static_cast<size_t>(facts.digits); --i, fraction /= 10)
    out[i - 1] = static_cast<char>('0' + fraction % 10);
}

template <class Float>
void AppendFloat(Float value, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "Infinity" : "-Infinity";
  } else {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), end);
  }
}

void AppendBase64(std::string_view bytes, std::string& out) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t left = std::min<size_t>(3, bytes.size() - i);
    uint32_t three = 0;
    for (size_t b = 0; b < 3; ++b) three = three << 8 | (b < left ? static_cast<uint8_t>(bytes[i + b]) : 0U);
    for (size_t d = 0; d < 4; ++d) out.push_back(d <= left ? kDigits[three >> (18 - 6 * d) & 63] : '=');
  }
}

void AppendUuid(std::string_view bytes, std::string& out) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    fmt::format_to(std::back_inserter(out), FMT_COMPILE("{:02x}"), static_cast<uint8_t>(bytes[i]));
  }
}

template <class Integer>
void AppendNumber(Integer value, std::string& out) {
  const fmt::format_int text(value);
  out.append(text.data(), text.size());
}

// How many bytes the UTF-8 sequence at `text[0]` has, or 0 when it is none.
size_t Utf8Length(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((static_cast<uint8_t>(text[i]) & 0xC0) != 0x80) return 0;
  const auto second = length > 1 ? static_cast<uint8_t>(text[1]) : uint8_t{0};
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
      (lead == 0xF4 && second > 0x8F))
    return 0;  // overlong, a surrogate, or past U+10FFFF
  return length;
}

void AppendEscaped(char c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      fmt::format_to(std::back_inserter(out), FMT_COMPILE("\\u{:04x}"), static_cast<uint8_t>(c));
  }
}

}  // namespace

void AppendDate(int64_t days, std::string& out) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  const int year = static_cast<int>(date.year());
  if (year >= 0 && year <= 9999) {
    TwoDigits(static_cast<uint32_t>(year) / 100, out);
    TwoDigits(static_cast<uint32_t>(year) % 100, out);
  } else {
    fmt::format_to(std::back_inserter(out), "{:05}", year);
  }
  out.push_back('-');
  TwoDigits(static_cast<unsigned>(date.month()), out);
  out.push_back('-');
  TwoDigits(static_cast<unsigned>(date.day()), out);
}

void AppendTimestamp(int64_t value, TimeUnit unit, bool utc, std::string& out) {
  const int64_t per_day = FactsOf(unit).per_second * 86'400;
  int64_t days = value / per_day;
  int64_t within = value % per_day;
  if (within < 0) {
    within += per_day;
    --days;
  }
  AppendDate(days, out);
  out.push_back('T');
  AppendTimeOfDay(within, unit, out);
  if (utc) out.push_back('Z');
}

void AppendJsonString(std::string_view text, std::string& out) {
  out.push_back('"');
  for (size_t i = 0; i < text.size();) {
    const auto c = static_cast<uint8_t>(text[i]);
    if (c < 0x80) {
      if (c < 0x20 || c == '"' || c == '\\')
        AppendEscaped(text[i], out);
      else
        out.push_back(text[i]);
      ++i;
      continue;
    }
    const size_t length = Utf8Length(text.substr(i));
    out += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(i, length);
    i += std::max<size_t>(length, 1);
  }
  out.push_back('"');
}

bool ValueText::IsBareInJson() const {
  switch (type_.kind) {
    case TypeKind::kString:
    case TypeKind::kBinary:
    case TypeKind::kFixedBinary:
    case TypeKind::kUuid:
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
      return false;
    default:
      return true;
  }
}

std::string_view ValueText::BytesAt(const void* data, int64_t index) const {
  if (physical_ == parquet::Type::FIXED_LEN_BYTE_ARRAY)
    return {reinterpret_cast<const char*>(static_cast<const parquet::FixedLenByteArray*>(data)[index].ptr),
            static_cast<size_t>(length_)};
  const auto& value = static_cast<const parquet::ByteArray*>(data)[index];
  return {reinterpret_cast<const char*>(value.ptr), value.len};
}

void ValueText::AppendDecimal(const void* data, int64_t index, std::string& out) const {
  Int128 value = 0;
  if (physical_ == parquet::Type::INT32)
    value = static_cast<const int32_t*>(data)[index];
  else if (physical_ == parquet::Type::INT64)
    value = static_cast<const int64_t*>(data)[index];
  else {
    const std::string_view bytes = BytesAt(data, index);
    value = BigEndianToInt128(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int>(bytes.size()));
  }
  std::array<char, 48> digits;
  size_t n = digits.size();
  __extension__ using UInt128 = unsigned __int128;
  UInt128 left = value < 0 ? -static_cast<UInt128>(value) : static_cast<UInt128>(value);
  for (int place = 0; left > 0 || place <= type_.scale; ++place) {
    if (place == type_.scale && place > 0) digits[--n] = '.';
    // 128-bit division is a call; most amounts fit 64 bits.
    if (left <= UINT64_MAX) {
      const auto small = static_cast<uint64_t>(left);
      digits[--n] = static_cast<char>('0' + small % 10);
      left = small / 10;
    } else {
      digits[--n] = static_cast<char>('0' + static_cast<int>(left % 10));
      left /= 10;
    }
  }
  if (value < 0) out.push_back('-');
  out.append(digits.data() + n, digits.size() - n);
}

void ValueText::AppendInteger(const void* data, int64_t index, std::string& out) const {
  const bool wide = physical_ == parquet::Type::INT64;
  const bool is_unsigned = type_.kind >= TypeKind::kUInt8 && type_.kind <= TypeKind::kUInt64;
  if (wide && is_unsigned)
    AppendNumber(static_cast<const uint64_t*>(data)[index], out);
  else if (wide)
    AppendNumber(static_cast<const int64_t*>(data)[index], out);
  else if (is_unsigned)
    AppendNumber(static_cast<const uint32_t*>(data)[index], out);
  else
    AppendNumber(static_cast<const int32_t*>(data)[index], out);
}

void ValueText::Append(const void* data, int64_t index, std::string& out) const {
  switch (type_.kind) {
    case TypeKind::kBoolean:
      out += static_cast<const bool*>(data)[index] ? "true" : "false";
      return;
    case TypeKind::kFloat:
      AppendFloat(static_cast<const float*>(data)[index], out);
      return;
    case TypeKind::kDouble:
      AppendFloat(static_cast<const double*>(data)[index], out);
      return;
    case TypeKind::kDecimal:
      AppendDecimal(data, index, out);
      return;
    case TypeKind::kString:
      out += BytesAt(data, index);
      return;
    case TypeKind::kBinary:
    case TypeKind::kFixedBinary:
      AppendBase64(BytesAt(data, index), out);
      return;
    case TypeKind::kUuid:
      AppendUuid(BytesAt(data, index), out);
      return;
    case TypeKind::kDate:
      AppendDate(static_cast<const int32_t*>(data)[index], out);
      return;
    case TypeKind::kTime: {
      const bool wide = physical_ == parquet::Type::INT64;
      AppendTimeOfDay(wide ? static_cast<const int64_t*>(data)[index] : static_cast<const int32_t*>(data)[index],
                      type_.unit, out);
      return;
    }
    case TypeKind::kTimestamp:
      AppendTimestamp(static_cast<const int64_t*>(data)[index], type_.unit, type_.utc, out);
      return;
    default:
      AppendInteger(data, index, out);
  }
}

}  // namespace firn
