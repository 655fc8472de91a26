#include "text/value_reader.h"

#include <arrow/api.h>
#include <arrow/extension/uuid.h>
#include <arrow/util/base64.h>
#include <arrow/util/decimal.h>
#include <arrow/util/value_parsing.h>
#include <parquet/exception.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "base/check.h"

namespace firn {
namespace {

arrow::TimeUnit::type ArrowUnit(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMillis:
      return arrow::TimeUnit::MILLI;
    case TimeUnit::kMicros:
      return arrow::TimeUnit::MICRO;
    case TimeUnit::kNanos:
      return arrow::TimeUnit::NANO;
  }
  return arrow::TimeUnit::MICRO;
}

template <class T>
bool WholeNumber(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

// "12", and "12.00", which is the same number.
template <class T>
bool ReadInteger(std::string_view text, T& value) {
  const size_t point = text.find('.');
  if (point != std::string_view::npos && point + 1 < text.size() &&
      text.find_first_not_of('0', point + 1) == std::string_view::npos)
    text = text.substr(0, point);
  return WholeNumber(text, value);
}

template <class T>
bool ReadFloat(std::string_view text, T& value) {
  if (text == "NaN" || text == "Infinity" || text == "-Infinity") {
    value = text == "NaN" ? std::numeric_limits<T>::quiet_NaN() : std::numeric_limits<T>::infinity();
    if (text.front() == '-') value = -value;
    return true;
  }
  // from_chars reads "inf" and "nan", too.
  const size_t digits = text.starts_with('-') ? 1 : 0;
  return text.size() > digits && (text[digits] == '.' || (text[digits] >= '0' && text[digits] <= '9')) &&
         WholeNumber(text, value);
}

bool ReadDecimal(std::string_view text, const Type& type, arrow::Decimal128& value) {
  int32_t precision = 0;
  int32_t scale = 0;
  if (!arrow::Decimal128::FromString(text, &value, &precision, &scale).ok()) return false;
  const auto rescaled = value.Rescale(scale, type.scale);
  if (!rescaled.ok()) return false;
  value = *rescaled;
  return value.FitsInPrecision(type.precision);
}

bool ReadBoolean(std::string_view text, bool& value) {
  const auto lower = [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); };
  value = text.size() == 4;
  return std::ranges::equal(text, std::string_view(value ? "true" : "false"), {}, lower);
}

// An instant says its zone, a wall-clock time has none.
bool ReadTimestamp(std::string_view text, const Type& type, int64_t& value) {
  bool zone = false;
  return arrow::internal::ParseTimestampISO8601(text.data(), text.size(), ArrowUnit(type.unit), &value, &zone) &&
         zone == type.utc;
}

std::optional<std::string> ReadBase64(std::string_view text) {
  auto bytes = arrow::util::base64_decode(text);
  return bytes.ok() ? std::optional(std::move(*bytes)) : std::nullopt;
}

std::optional<std::string> ReadUuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string bytes;
  for (size_t at = 0; at < text.size();) {
    if (at == 8 || at == 13 || at == 18 || at == 23) {
      if (text[at++] != '-') return std::nullopt;
      continue;
    }
    uint8_t byte = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 2, byte, 16);
    if (error != std::errc() || end != text.data() + at + 2) return std::nullopt;
    bytes += static_cast<char>(byte);
    at += 2;
  }
  return bytes;
}

// A builder, and how a text becomes its value.
template <class Builder, class Read>
class BuiltValues final : public ValueReader {
 public:
  BuiltValues(std::unique_ptr<Builder> builder, Read read) : builder_(std::move(builder)), read_(std::move(read)) {}

  bool Append(const Token& token) override {
    if (token.kind == TokenKind::kObject || token.kind == TokenKind::kList) return false;
    return read_(std::string_view(token.data, token.size), *builder_);
  }
  void AppendNulls(int64_t count) override { PARQUET_THROW_NOT_OK(builder_->AppendNulls(count)); }
  std::shared_ptr<arrow::Array> Finish() override {
    PARQUET_ASSIGN_OR_THROW(auto array, builder_->Finish());
    return array;
  }

 private:
  std::unique_ptr<Builder> builder_;
  const Read read_;
};

template <class Builder, class Read>
std::unique_ptr<ValueReader> Built(std::unique_ptr<Builder> builder, Read read) {
  return std::make_unique<BuiltValues<Builder, Read>>(std::move(builder), std::move(read));
}

// Of a fixed size; `read` is (text, value) -> whether it is one.
template <class Builder, class Value, class Read>
std::unique_ptr<ValueReader> Fixed(const Type& type, const Read& read) {
  auto builder = std::make_unique<Builder>(ArrowTypeOf(type), arrow::default_memory_pool());
  return Built(std::move(builder), [read](std::string_view text, Builder& values) {
    Value value{};
    if (!read(text, value)) return false;
    PARQUET_THROW_NOT_OK(values.Append(value));
    return true;
  });
}

template <class Builder, class Integer>
std::unique_ptr<ValueReader> Integers(const Type& type) {
  return Fixed<Builder, Integer>(type, [](std::string_view text, Integer& value) { return ReadInteger(text, value); });
}

class Strings final : public ValueReader {
 public:
  bool Append(const Token& token) override {
    if (token.kind == TokenKind::kObject || token.kind == TokenKind::kList) return false;
    const std::string_view text = token.text();
    PARQUET_THROW_NOT_OK(builder_.Append(text.data(), static_cast<int32_t>(text.size())));
    return true;
  }
  void AppendNulls(int64_t count) override { PARQUET_THROW_NOT_OK(builder_.AppendNulls(count)); }
  std::shared_ptr<arrow::Array> Finish() override {
    PARQUET_ASSIGN_OR_THROW(auto array, builder_.Finish());
    return array;
  }

 private:
  arrow::StringBuilder builder_;
};

// Columns of which no value is known yet.
class Nulls final : public ValueReader {
 public:
  bool Append(const Token&) override { return false; }
  void AppendNulls(int64_t count) override { count_ += count; }
  std::shared_ptr<arrow::Array> Finish() override { return std::make_shared<arrow::NullArray>(count_); }

 private:
  int64_t count_ = 0;
};

// Bytes; `read` is text -> the bytes, when it spells some.
template <class Builder, class Read>
std::unique_ptr<ValueReader> BytesOf(const std::shared_ptr<arrow::DataType>& type, Read read) {
  return Built(std::make_unique<Builder>(type, arrow::default_memory_pool()),
               [read](std::string_view text, Builder& values) {
                 const std::optional<std::string> bytes = read(text);
                 if (!bytes) return false;
                 PARQUET_THROW_NOT_OK(values.Append(*bytes));
                 return true;
               });
}

std::unique_ptr<ValueReader> FixedBytes(const Type& type) {
  return BytesOf<arrow::FixedSizeBinaryBuilder>(ArrowTypeOf(type), [length = type.length](std::string_view text) {
    auto bytes = ReadBase64(text);
    return bytes && std::cmp_equal(bytes->size(), length) ? std::move(bytes) : std::nullopt;
  });
}

// The extension is put around its bytes at the end.
class Uuids final : public ValueReader {
 public:
  bool Append(const Token& token) override { return bytes_->Append(token); }
  void AppendNulls(int64_t count) override { bytes_->AppendNulls(count); }
  std::shared_ptr<arrow::Array> Finish() override {
    return arrow::ExtensionType::WrapArray(arrow::extension::uuid(), bytes_->Finish());
  }

 private:
  std::unique_ptr<ValueReader> bytes_ = BytesOf<arrow::FixedSizeBinaryBuilder>(arrow::fixed_size_binary(16), ReadUuid);
};

std::unique_ptr<ValueReader> DatesOrTimes(const Type& type) {
  if (type.kind == TypeKind::kTimestamp)
    return Fixed<arrow::TimestampBuilder, int64_t>(
        type, [type](std::string_view text, int64_t& value) { return ReadTimestamp(text, type, value); });
  if (type.kind == TypeKind::kDate)
    return Fixed<arrow::Date32Builder, int32_t>(type, [](std::string_view text, int32_t& value) {
      return arrow::internal::ParseValue(arrow::Date32Type(), text.data(), text.size(), &value);
    });
  if (type.unit == TimeUnit::kMillis)
    return Fixed<arrow::Time32Builder, int32_t>(type, [](std::string_view text, int32_t& value) {
      return arrow::internal::ParseValue(arrow::Time32Type(arrow::TimeUnit::MILLI), text.data(), text.size(), &value);
    });
  return Fixed<arrow::Time64Builder, int64_t>(
      type, [unit = ArrowUnit(type.unit)](std::string_view text, int64_t& value) {
        return arrow::internal::ParseValue(arrow::Time64Type(unit), text.data(), text.size(), &value);
      });
}

std::unique_ptr<ValueReader> NumbersOf(const Type& type) {
  switch (type.kind) {
    case TypeKind::kInt8:
      return Integers<arrow::Int8Builder, int8_t>(type);
    case TypeKind::kInt16:
      return Integers<arrow::Int16Builder, int16_t>(type);
    case TypeKind::kInt32:
      return Integers<arrow::Int32Builder, int32_t>(type);
    case TypeKind::kInt64:
      return Integers<arrow::Int64Builder, int64_t>(type);
    case TypeKind::kUInt8:
      return Integers<arrow::UInt8Builder, uint8_t>(type);
    case TypeKind::kUInt16:
      return Integers<arrow::UInt16Builder, uint16_t>(type);
    case TypeKind::kUInt32:
      return Integers<arrow::UInt32Builder, uint32_t>(type);
    case TypeKind::kUInt64:
      return Integers<arrow::UInt64Builder, uint64_t>(type);
    case TypeKind::kFloat:
      return Fixed<arrow::FloatBuilder, float>(type, ReadFloat<float>);
    case TypeKind::kDouble:
      return Fixed<arrow::DoubleBuilder, double>(type, ReadFloat<double>);
    case TypeKind::kDecimal:
      return Fixed<arrow::Decimal128Builder, arrow::Decimal128>(
          type, [type](std::string_view text, arrow::Decimal128& value) { return ReadDecimal(text, type, value); });
    default:
      return nullptr;
  }
}

arrow::FieldVector FieldsOf(const Type& type) {
  arrow::FieldVector fields;
  for (const Field& child : type.children) fields.push_back(arrow::field(child.name, ArrowTypeOf(child.type)));
  return fields;
}

}  // namespace

std::unique_ptr<ValueReader> ValueReader::Of(const Type& type) {
  switch (type.kind) {
    case TypeKind::kNull:
      return std::make_unique<Nulls>();
    case TypeKind::kBoolean:
      return Fixed<arrow::BooleanBuilder, bool>(type, ReadBoolean);
    case TypeKind::kString:
      return std::make_unique<Strings>();
    case TypeKind::kBinary:
      return BytesOf<arrow::BinaryBuilder>(arrow::binary(), ReadBase64);
    case TypeKind::kFixedBinary:
      return FixedBytes(type);
    case TypeKind::kUuid:
      return std::make_unique<Uuids>();
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
      return DatesOrTimes(type);
    default: {
      auto numbers = NumbersOf(type);
      Check(numbers != nullptr, "structs, lists and maps are no single values");
      return numbers;
    }
  }
}

std::shared_ptr<arrow::DataType> ArrowTypeOf(const Type& type) {
  switch (type.kind) {
    case TypeKind::kNull:
      return arrow::null();
    case TypeKind::kBoolean:
      return arrow::boolean();
    case TypeKind::kInt8:
      return arrow::int8();
    case TypeKind::kInt16:
      return arrow::int16();
    case TypeKind::kInt32:
      return arrow::int32();
    case TypeKind::kInt64:
      return arrow::int64();
    case TypeKind::kUInt8:
      return arrow::uint8();
    case TypeKind::kUInt16:
      return arrow::uint16();
    case TypeKind::kUInt32:
      return arrow::uint32();
    case TypeKind::kUInt64:
      return arrow::uint64();
    case TypeKind::kFloat:
      return arrow::float32();
    case TypeKind::kDouble:
      return arrow::float64();
    case TypeKind::kDecimal:
      return arrow::decimal128(type.precision, type.scale);
    case TypeKind::kString:
      return arrow::utf8();
    case TypeKind::kBinary:
      return arrow::binary();
    case TypeKind::kFixedBinary:
      return arrow::fixed_size_binary(type.length);
    case TypeKind::kUuid:
      return arrow::extension::uuid();
    case TypeKind::kDate:
      return arrow::date32();
    case TypeKind::kTime:
      return type.unit == TimeUnit::kMillis ? arrow::time32(arrow::TimeUnit::MILLI)
                                            : arrow::time64(ArrowUnit(type.unit));
    case TypeKind::kTimestamp:
      return type.utc ? arrow::timestamp(ArrowUnit(type.unit), "UTC") : arrow::timestamp(ArrowUnit(type.unit));
    case TypeKind::kStruct:
      return arrow::struct_(FieldsOf(type));
    case TypeKind::kList:
      return arrow::list(arrow::field("element", ArrowTypeOf(type.children.at(0).type)));
    case TypeKind::kMap:
      return arrow::map(ArrowTypeOf(type.children.at(0).type), ArrowTypeOf(type.children.at(1).type));
  }
  return arrow::null();
}

}  // namespace firn
