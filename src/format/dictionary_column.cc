#include "format/dictionary_column.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <parquet/exception.h>
#include <parquet/properties.h>

#include <span>

namespace firn {
namespace {

std::shared_ptr<arrow::Array> ToArray(const std::vector<std::string_view>& values) {
  arrow::BinaryBuilder builder;
  for (const std::string_view value : values) PARQUET_THROW_NOT_OK(builder.Append(value));
  PARQUET_ASSIGN_OR_THROW(auto array, builder.Finish());
  return array;
}

}  // namespace

int32_t DictionaryColumn::NumberOf(const parquet::ByteArray& value) {
  const std::string_view bytes(reinterpret_cast<const char*>(value.ptr), value.len);
  const auto known = number_of_.find(bytes);
  if (known != number_of_.end()) return known->second;
  values_.push_back(bytes_.Keep(bytes));
  return number_of_.emplace(values_.back(), static_cast<int32_t>(values_.size() - 1)).first->second;
}

bool DictionaryColumn::Add(const LeafBatch& batch) {
  if (batch.values != batch.levels || values_.size() > kMostValues) return false;
  const size_t before = numbers_.size();
  numbers_.resize(before + static_cast<size_t>(batch.values));
  const std::span numbers = std::span(numbers_).subspan(before);
  // The file has numbered its values already: each of them is looked up once, not once a row.
  if (batch.numbers != nullptr && batch.dictionary_size <= batch.values) {
    const auto* dictionary = static_cast<const parquet::ByteArray*>(batch.dictionary);
    number_of_entry_.assign(static_cast<size_t>(batch.dictionary_size), -1);
    for (size_t i = 0; i < numbers.size(); ++i) {
      const auto entry = static_cast<size_t>(batch.numbers[i]);
      int32_t& number = number_of_entry_[entry];
      if (number < 0) number = NumberOf(dictionary[entry]);
      numbers[i] = number;
    }
    return true;
  }
  const auto* values = static_cast<const parquet::ByteArray*>(batch.data);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = NumberOf(values[i]);
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
  bytes_.Clear();
}

}  // namespace firn
