#include "format/value_text.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <iterator>

#include "base/base64.h"
#include "format/value_conversion.h"

namespace firn {
namespace {

// Text of a known, small size: put together on the stack, appended at once.
class ShortText {
 public:
  void Add(char c) { text_[size_++] = c; }
  void AddDigits(uint32_t value, size_t digits) {
    for (size_t i = digits; i > 0; --i, value /= 10) text_[size_ + i - 1] = static_cast<char>('0' + value % 10);
    size_ += digits;
  }
  void AppendTo(std::string& out) const { out.append(text_.data(), size_); }

 private:
  std::array<char, 40> text_;
  size_t size_ = 0;
};

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
void AddTimeOfDay(int64_t value, TimeUnit unit, ShortText& text) {
  const UnitFacts facts = FactsOf(unit);
  const auto seconds = static_cast<uint32_t>(value / facts.per_second);
  text.AddDigits(seconds / 3600, 2);
  text.Add(':');
  text.AddDigits(seconds / 60 % 60, 2);
  text.Add(':');
  text.AddDigits(seconds % 60, 2);
  text.Add('.');
  text.AddDigits(static_cast<uint32_t>(value % facts.per_second), static_cast<size_t>(facts.digits));
}

// A year outside 0 .. 9999 has a sign or a digit more.
void AddDate(int64_t days, ShortText& text) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  const int year = static_cast<int>(date.year());
  if (year >= 0 && year <= 9999) {
    text.AddDigits(static_cast<uint32_t>(year), 4);
  } else {
    for (const char c : fmt::format("{:05}", year)) text.Add(c);
  }
  text.Add('-');
  text.AddDigits(static_cast<unsigned>(date.month()), 2);
  text.Add('-');
  text.AddDigits(static_cast<unsigned>(date.day()), 2);
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
  ShortText text;
  AddDate(days, text);
  text.AppendTo(out);
}

void AppendTimestamp(int64_t value, TimeUnit unit, bool utc, std::string& out) {
  const int64_t per_day = FactsOf(unit).per_second * 86'400;
  int64_t days = value / per_day;
  int64_t within = value % per_day;
  if (within < 0) {
    within += per_day;
    --days;
  }
  ShortText text;
  AddDate(days, text);
  text.Add('T');
  AddTimeOfDay(within, unit, text);
  if (utc) text.Add('Z');
  text.AppendTo(out);
}

void AppendJsonString(std::string_view text, std::string& out) {
  out.push_back('"');
  size_t plain = 0;  // what stands as it is, and is not in `out` yet, begins here
  for (size_t i = 0; i < text.size();) {
    const auto c = static_cast<uint8_t>(text[i]);
    const size_t length = c < 0x80 ? 1 : Utf8Length(text.substr(i));
    const bool as_it_is = length > 1 || (length == 1 && c >= 0x20 && c != '"' && c != '\\');
    if (!as_it_is) {
      out += text.substr(plain, i - plain);
      plain = i + 1;
      if (length == 0)
        out += "\xEF\xBF\xBD";
      else
        AppendEscaped(text[i], out);
    }
    i += std::max<size_t>(length, 1);
  }
  out += text.substr(plain);
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
      ShortText text;
      AddTimeOfDay(wide ? static_cast<const int64_t*>(data)[index] : static_cast<const int32_t*>(data)[index],
                   type_.unit, text);
      text.AppendTo(out);
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
