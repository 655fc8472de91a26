#include "pipeline/row_partitioner.h"

#include <arrow/api.h>
#include <arrow/compute/api_vector.h>

#include <map>

#include "base/check.h"
#include "format/parquet_guard.h"

namespace firn {
namespace {

constexpr const char* kPartColumn = "__firn_part";

using Places = std::map<PartitionValues, std::vector<int64_t>>;

Places PlacesByNumber(const arrow::RecordBatch& batch, const std::vector<PartitionValues>& partitions) {
  const auto numbers = std::static_pointer_cast<arrow::Int32Array>(batch.GetColumnByName(kPartColumn));
  std::vector<std::vector<int64_t>*> of_number(partitions.size(), nullptr);
  Places places;
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    const auto number = static_cast<size_t>(numbers->Value(row));
    if (of_number.at(number) == nullptr) of_number[number] = &places[partitions[number]];
    of_number[number]->push_back(row);
  }
  return places;
}

class ColumnReader {
 public:
  ColumnReader(const arrow::RecordBatch& batch, const std::vector<std::string>& names) {
    for (const std::string& name : names)
      columns_.push_back(std::static_pointer_cast<arrow::StringArray>(batch.GetColumnByName(name)));
  }

  [[nodiscard]] bool IsAt(const PartitionValues& values, int64_t row) const {
    for (size_t i = 0; i < columns_.size(); ++i)
      if (TextAt(i, row) != values.values[i]) return false;
    return true;
  }
  [[nodiscard]] PartitionValues At(int64_t row) const {
    PartitionValues values;
    for (size_t i = 0; i < columns_.size(); ++i) values.values.emplace_back(TextAt(i, row));
    return values;
  }

 private:
  [[nodiscard]] std::string_view TextAt(size_t column, int64_t row) const {
    const arrow::StringArray& texts = *columns_[column];
    return texts.IsNull(row) || texts.GetView(row).empty() ? kNullPartition : texts.GetView(row);
  }

  std::vector<std::shared_ptr<arrow::StringArray>> columns_;
};

Places PlacesByColumns(const arrow::RecordBatch& batch, const std::vector<std::string>& names) {
  const ColumnReader columns(batch, names);
  Places places;
  auto last = places.end();  // rows of one partition often follow each other
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    if (last == places.end() || !columns.IsAt(last->first, row)) last = places.try_emplace(columns.At(row)).first;
    last->second.push_back(row);
  }
  return places;
}

std::shared_ptr<arrow::RecordBatch> RowsAt(const arrow::RecordBatch& batch, const std::vector<int64_t>& rows) {
  arrow::Int64Builder builder;
  PARQUET_THROW_NOT_OK(builder.AppendValues(rows));
  PARQUET_ASSIGN_OR_THROW(const auto places, builder.Finish());
  arrow::ArrayVector taken;
  for (const auto& column : batch.columns()) {
    PARQUET_ASSIGN_OR_THROW(auto values, arrow::compute::Take(*column, *places));
    taken.push_back(std::move(values));
  }
  return arrow::RecordBatch::Make(batch.schema(), static_cast<int64_t>(rows.size()), std::move(taken));
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
    const Places places = by_number ? PlacesByNumber(*batch, numbered_) : PlacesByColumns(*batch, columns_);
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
