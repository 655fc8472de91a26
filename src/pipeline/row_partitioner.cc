#include "pipeline/row_partitioner.h"

#include <arrow/api.h>
#include <arrow/compute/api_vector.h>

#include <limits>
#include <map>
#include <unordered_map>

#include "base/check.h"
#include "format/parquet_guard.h"

namespace firn {
namespace {

constexpr const char* kPartColumn = "__firn_part";

// What a batch's rows are told apart by: rows with one number are of one partition.
struct Numbering {
  std::vector<uint32_t> of_row;
  std::vector<PartitionValues> partitions;  // by number; not all of them need have rows
};

Numbering ByPart(const arrow::RecordBatch& batch, const std::vector<PartitionValues>& partitions) {
  const auto parts = std::static_pointer_cast<arrow::Int32Array>(batch.GetColumnByName(kPartColumn));
  Numbering numbering{.of_row = {}, .partitions = partitions};
  numbering.of_row.resize(static_cast<size_t>(batch.num_rows()));
  for (size_t row = 0; row < numbering.of_row.size(); ++row) {
    const auto part = static_cast<size_t>(parts->Value(static_cast<int64_t>(row)));
    Check(part < partitions.size(), "a row says a partition that is not");
    numbering.of_row[row] = static_cast<uint32_t>(part);
  }
  return numbering;
}

// A key's values, each distinct one once.
struct KeyCodes {
  std::vector<std::string> texts;  // by code
  std::vector<uint32_t> of_row;
};

std::string TextOf(const arrow::Array& values, int64_t at) {
  if (values.IsNull(at)) return std::string(kNullPartition);
  if (values.type_id() == arrow::Type::INT64)
    return std::to_string(static_cast<const arrow::Int64Array&>(values).Value(at));
  const std::string_view text = static_cast<const arrow::StringArray&>(values).GetView(at);
  return std::string(text.empty() ? kNullPartition : text);
}

// NULL and "" are one value.
KeyCodes CodesOf(const std::shared_ptr<arrow::Array>& column) {
  PARQUET_ASSIGN_OR_THROW(
      const arrow::Datum encoded,
      arrow::compute::DictionaryEncode(
          column, arrow::compute::DictionaryEncodeOptions(arrow::compute::DictionaryEncodeOptions::ENCODE)));
  const auto array = encoded.array_as<arrow::DictionaryArray>();
  KeyCodes codes;
  std::map<std::string, uint32_t> code_of_text;
  std::vector<uint32_t> code_of_entry;
  for (int64_t i = 0; i < array->dictionary()->length(); ++i) {
    const auto [code, is_new] =
        code_of_text.try_emplace(TextOf(*array->dictionary(), i), static_cast<uint32_t>(codes.texts.size()));
    if (is_new) codes.texts.push_back(code->first);
    code_of_entry.push_back(code->second);
  }
  codes.of_row.reserve(static_cast<size_t>(array->length()));
  for (int64_t row = 0; row < array->length(); ++row)
    codes.of_row.push_back(code_of_entry[static_cast<size_t>(array->GetValueIndex(row))]);
  return codes;
}

// Numbers for the pairs of a number and a code, in the order in which they come.
class PairNumbers {
 public:
  PairNumbers(size_t numbers, size_t codes) : codes_(codes) {
    constexpr size_t kSmall = 1 << 16;
    if (numbers * codes <= kSmall) table_.assign(numbers * codes, kNone);
  }

  // The pair's number, and whether it is new.
  std::pair<uint32_t, bool> Of(uint32_t number, uint32_t code) {
    const uint64_t pair = uint64_t{number} * codes_ + code;
    uint32_t& known = table_.empty() ? map_.try_emplace(pair, kNone).first->second : table_[pair];
    const bool is_new = known == kNone;
    if (is_new) known = next_++;
    return {known, is_new};
  }

 private:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
  const size_t codes_;
  std::vector<uint32_t> table_;  // by pair, when there cannot be many
  std::unordered_map<uint64_t, uint32_t> map_;
  uint32_t next_ = 0;
};

Numbering ByKeys(const arrow::RecordBatch& batch, const std::vector<std::string>& names) {
  Numbering all{.of_row = std::vector<uint32_t>(static_cast<size_t>(batch.num_rows()), 0), .partitions = {{}}};
  for (const std::string& name : names) {
    const KeyCodes codes = CodesOf(batch.GetColumnByName(name));
    PairNumbers numbers(all.partitions.size(), codes.texts.size());
    std::vector<PartitionValues> longer;
    for (size_t row = 0; row < all.of_row.size(); ++row) {
      const auto [number, is_new] = numbers.Of(all.of_row[row], codes.of_row[row]);
      if (is_new) {
        longer.push_back(all.partitions[all.of_row[row]]);
        longer.back().values.push_back(codes.texts[codes.of_row[row]]);
      }
      all.of_row[row] = number;
    }
    all.partitions = std::move(longer);
  }
  return all;
}

std::shared_ptr<arrow::RecordBatch> RowsAt(const arrow::RecordBatch& batch, const std::vector<int64_t>& rows) {
  const auto count = std::ssize(rows);
  const arrow::Int64Array places(count, arrow::Buffer::Wrap(rows));
  arrow::ArrayVector taken;
  for (const auto& column : batch.columns()) {
    PARQUET_ASSIGN_OR_THROW(auto values,
                            arrow::compute::Take(*column, places, arrow::compute::TakeOptions::NoBoundsCheck()));
    taken.push_back(std::move(values));
  }
  return arrow::RecordBatch::Make(batch.schema(), count, std::move(taken));
}

// The rows of each partition that has some.
std::map<PartitionValues, std::vector<int64_t>> RowsOf(const Numbering& numbering) {
  std::vector<std::vector<int64_t>> rows(numbering.partitions.size());
  for (size_t row = 0; row < numbering.of_row.size(); ++row)
    rows[numbering.of_row[row]].push_back(static_cast<int64_t>(row));
  std::map<PartitionValues, std::vector<int64_t>> sorted;
  for (size_t number = 0; number < rows.size(); ++number)
    if (!rows[number].empty()) sorted.emplace(numbering.partitions[number], std::move(rows[number]));
  return sorted;
}

}  // namespace

RowPartitioner RowPartitioner::ByNumber(std::vector<PartitionValues> partitions) {
  return {std::move(partitions), {kPartColumn}};
}

RowPartitioner RowPartitioner::ByColumns(std::vector<std::string> columns) {
  return {{}, std::move(columns)};
}

Result<std::vector<PartitionRows>> RowPartitioner::Split(const std::shared_ptr<arrow::RecordBatch>& batch) const {
  std::vector<PartitionRows> split;
  Status done = GuardParquet("dealing rows to partitions", [&] {
    const bool by_number = columns_.size() == 1 && columns_.front() == kPartColumn;
    const auto places = RowsOf(by_number ? ByPart(*batch, numbered_) : ByKeys(*batch, columns_));
    std::shared_ptr<arrow::RecordBatch> visible = batch;
    for (const std::string& name : columns_) {
      PARQUET_ASSIGN_OR_THROW(visible, visible->RemoveColumn(visible->schema()->GetFieldIndex(name)));
    }
    for (const auto& [partition, rows] : places)
      split.push_back({partition, places.size() == 1 ? visible : RowsAt(*visible, rows)});
  });
  if (!done) return Fail(ErrorKind::kInternal, done.error().message);
  return split;
}

}  // namespace firn
