#include "format/dictionary_column.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <parquet/exception.h>
#include <parquet/properties.h>

#include <bit>

namespace firn {
namespace {

std::shared_ptr<arrow::Array> ToArray(const std::vector<std::string_view>& values) {
  arrow::BinaryBuilder builder;
  for (const std::string_view value : values) PARQUET_THROW_NOT_OK(builder.Append(value));
  PARQUET_ASSIGN_OR_THROW(auto array, builder.Finish());
  return array;
}

}  // namespace

// An address may have been used again for another value: what is there counts.
int32_t DictionaryColumn::NumberOf(const parquet::ByteArray& value) {
  const std::string_view bytes(reinterpret_cast<const char*>(value.ptr), value.len);
  const uint64_t spread = std::bit_cast<uint64_t>(value.ptr) * 0x9e3779b97f4a7c15U;
  Seen& seen = seen_[spread >> (64 - kSeenBits)];
  if (seen.address == value.ptr && values_[static_cast<size_t>(seen.number)] == bytes) return seen.number;
  auto known = number_of_.find(bytes);
  if (known == number_of_.end()) {
    values_.push_back(bytes_.Keep(bytes));
    known = number_of_.emplace(values_.back(), static_cast<int32_t>(values_.size() - 1)).first;
  }
  seen = {value.ptr, known->second};
  return known->second;
}

bool DictionaryColumn::Add(const LeafBatch& batch) {
  if (batch.values != batch.levels || values_.size() > kMostValues) return false;
  const auto* values = static_cast<const parquet::ByteArray*>(batch.data);
  const size_t before = numbers_.size();
  numbers_.resize(before + static_cast<size_t>(batch.values));
  for (int64_t i = 0; i < batch.values; ++i) numbers_[before + static_cast<size_t>(i)] = NumberOf(values[i]);
  return true;
}

void DictionaryColumn::WriteTo(parquet::ColumnWriter& writer) {
  if (!numbers_.empty()) {
    const auto rows = static_cast<int64_t>(numbers_.size());
    const auto numbers = std::make_shared<arrow::Int32Array>(rows, arrow::Buffer::Wrap(numbers_));
    const arrow::DictionaryArray column(arrow::dictionary(arrow::int32(), arrow::binary()), numbers, ToArray(values_));
    const std::vector<int16_t> def(numbers_.size(), writer.descr()->max_definition_level());
    const auto properties = parquet::default_arrow_writer_properties();
    parquet::ArrowWriteContext context(arrow::default_memory_pool(), properties.get());
    PARQUET_THROW_NOT_OK(writer.WriteArrow(def.data(), nullptr, rows, column, &context, true));
  }
  numbers_.clear();
  values_.clear();
  number_of_.clear();
  seen_.fill({});
  bytes_.Clear();
}

}  // namespace firn
