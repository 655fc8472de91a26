#include "pipeline/uniform_rows.h"

#include <arrow/api.h>
#include <arrow/c/bridge.h>

#include <algorithm>
#include <map>

#include "format/parquet_guard.h"
#include "pipeline/step_types.h"

namespace firn {
namespace {

constexpr int64_t kChunkRows = 128'000;

// The rows of a chunk, in order: each file's number and the row's in it.
template <class Sink>
void ForEachRow(const Scan& scan, const OutputPart& chunk, Sink sink) {
  for (const Slice& slice : chunk.slices) {
    const ScannedFile& file = scan.files[slice.file];
    int64_t first = 0;
    for (int g = 0; g < slice.group; ++g) first += file.group_rows[static_cast<size_t>(g)];
    for (int64_t row = first; row < first + file.group_rows[static_cast<size_t>(slice.group)]; ++row)
      if (file.keep.empty() || file.keep[static_cast<size_t>(row)] != 0) sink(slice.file, row);
  }
}

// Hands some columns of the batches to `keep`, and the others on.
class KeepingReader : public arrow::RecordBatchReader {
 public:
  KeepingReader(std::shared_ptr<arrow::RecordBatchReader> reader, std::vector<int> shown, std::vector<int> kept,
                UniformRows::KeepBatch keep)
      : reader_(std::move(reader)), shown_(std::move(shown)), kept_(std::move(kept)), keep_(std::move(keep)) {
    arrow::FieldVector fields;
    for (const int column : shown_) fields.push_back(reader_->schema()->field(column));
    schema_ = arrow::schema(std::move(fields));
  }

  [[nodiscard]] std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    ARROW_RETURN_NOT_OK(reader_->ReadNext(batch));
    if (*batch == nullptr) return arrow::Status::OK();
    ARROW_ASSIGN_OR_RAISE(const auto kept, (*batch)->SelectColumns(kept_));
    // The engine, between here and whoever waits, is no place for an exception.
    if (Status done = GuardParquet("the stream of rows", [&] { keep_(kept); }); !done)
      return arrow::Status::IOError(done.error().Text());
    return (*batch)->SelectColumns(shown_).Value(batch);
  }

 private:
  const std::shared_ptr<arrow::RecordBatchReader> reader_;
  const std::vector<int> shown_;  // positions
  const std::vector<int> kept_;
  const UniformRows::KeepBatch keep_;
  std::shared_ptr<arrow::Schema> schema_;
};

std::vector<int> PositionsIn(const std::vector<int>& all, const std::vector<int>& some) {
  std::vector<int> positions;
  for (const int one : some) positions.push_back(static_cast<int>(std::ranges::find(all, one) - all.begin()));
  return positions;
}

std::vector<int> Together(std::vector<int> all, const std::vector<int>& more) {
  all.insert(all.end(), more.begin(), more.end());
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace

// The selected columns, chunk by chunk.
class UniformRows::Reader : public arrow::RecordBatchReader {
 public:
  Reader(const UniformRows& rows, std::shared_ptr<const Selection> selection, size_t first, size_t end,
         std::shared_ptr<std::optional<TransferFailure>> failure)
      : rows_(rows),
        scan_(rows.scan_),
        context_(rows.context_),
        selection_(std::move(selection)),
        next_(first),
        end_(end),
        failure_(std::move(failure)) {}

  [[nodiscard]] std::shared_ptr<arrow::Schema> schema() const override { return selection_->schema; }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    while (pending_.empty() && next_ < end_) {
      auto read = ReadChunk(rows_.chunks_[next_++]);
      if (!read) {
        const std::string text = read.error().error.Text();
        *failure_ = std::move(read.error());
        return arrow::Status::IOError(text);
      }
    }
    *batch = nullptr;
    if (pending_.empty()) return arrow::Status::OK();
    *batch = std::move(pending_.back());
    pending_.pop_back();
    return arrow::Status::OK();
  }

 private:
  std::expected<void, TransferFailure> ReadChunk(const OutputPart& chunk) {
    auto data = selection_->data->Read(chunk);
    if (!data) return std::unexpected(std::move(data.error()));
    Status added = GuardParquet("the data in memory", [&] {
      const arrow::ArrayVector computed = ComputedOf(chunk);
      int64_t offset = 0;
      for (const auto& batch : *data) {
        Add(*batch, offset, computed);
        offset += batch->num_rows();
      }
      std::ranges::reverse(pending_);  // taken from the back
    });
    if (!added) return std::unexpected(TransferFailure{std::move(added.error()), {}});
    context_.progress("checking", rows_.done_rows_ += chunk.rows, rows_.total_rows_);
    return {};
  }

  // A batch of the selected columns, from those of the data and those computed.
  void Add(const arrow::RecordBatch& batch, int64_t offset, const arrow::ArrayVector& computed) {
    arrow::ArrayVector columns;
    int data = 0;
    size_t own = 0;
    for (const int column : selection_->columns)
      columns.push_back(column < rows_.first_key() ? batch.column(data++)
                                                   : computed[own++]->Slice(offset, batch.num_rows()));
    pending_.push_back(arrow::RecordBatch::Make(selection_->schema, batch.num_rows(), std::move(columns)));
  }

  [[nodiscard]] arrow::ArrayVector ComputedOf(const OutputPart& chunk) const {
    arrow::ArrayVector computed;
    for (const int column : selection_->columns)
      if (column >= rows_.first_key()) computed.push_back(Computed(column - rows_.first_key(), chunk));
    return computed;
  }

  [[nodiscard]] std::shared_ptr<arrow::Array> Computed(int column, const OutputPart& chunk) const {
    const auto keys = static_cast<int>(rows_.keys_.size());
    if (column < keys) return Keys(rows_.keys_[static_cast<size_t>(column)], chunk);
    if (column == keys)
      return Numbers<arrow::Int32Builder>(chunk, [&](size_t file, int64_t) { return rows_.part_of_file_[file]; });
    const bool file_number = column == keys + 1;
    return Numbers<arrow::Int64Builder>(
        chunk, [&](size_t file, int64_t row) { return file_number ? static_cast<int64_t>(file) : row; });
  }

  template <class Builder, class Number>
  [[nodiscard]] std::shared_ptr<arrow::Array> Numbers(const OutputPart& chunk, Number number) const {
    Builder builder;
    PARQUET_THROW_NOT_OK(builder.Reserve(chunk.rows));
    ForEachRow(scan_, chunk, [&](size_t file, int64_t row) { builder.UnsafeAppend(number(file, row)); });
    PARQUET_ASSIGN_OR_THROW(auto array, builder.Finish());
    return array;
  }

  [[nodiscard]] std::shared_ptr<arrow::Array> Keys(size_t key, const OutputPart& chunk) const {
    arrow::StringBuilder builder;
    ForEachRow(scan_, chunk, [&](size_t file, int64_t) {
      const std::string& value = scan_.files[file].input.partition.values.at(key);
      PARQUET_THROW_NOT_OK(value == kNullPartition ? builder.AppendNull() : builder.Append(value));
    });
    PARQUET_ASSIGN_OR_THROW(auto array, builder.Finish());
    return array;
  }

  const UniformRows& rows_;
  const Scan& scan_;
  const ExecuteContext& context_;
  const std::shared_ptr<const Selection> selection_;
  size_t next_;
  const size_t end_;
  std::shared_ptr<std::optional<TransferFailure>> failure_;
  std::vector<std::shared_ptr<arrow::RecordBatch>> pending_;
};

Result<std::unique_ptr<UniformRows>> UniformRows::Of(const ExecuteContext& context, const Scan& scan, Options options) {
  auto rows = std::unique_ptr<UniformRows>(new UniformRows(context, scan));
  rows->CutChunks(options.with_existing);
  rows->NumberPartitions();
  FIRN_TRY(rows->MakeSchema(options.keys));
  rows->streamed_ = options.named ? WithoutZonedNanos(*rows->schema_, *options.named) : rows->schema_;
  return rows;
}

void UniformRows::CutChunks(bool with_existing) {
  for (size_t f = 0; f < scan_.files.size(); ++f) {
    if (scan_.files[f].bad() || (!with_existing && scan_.files[f].input.existing)) continue;
    const std::vector<int64_t>& kept = scan_.files[f].group_kept;
    for (size_t g = 0; g < kept.size(); ++g) {
      if (kept[g] == 0) continue;
      if (chunks_.empty() || chunks_.back().rows >= kChunkRows) chunks_.emplace_back();
      chunks_.back().slices.push_back({f, static_cast<int>(g), 0, kept[g]});
      chunks_.back().rows += kept[g];
      total_rows_ += kept[g];
    }
  }
}

void UniformRows::NumberPartitions() {
  std::map<PartitionValues, int32_t> numbers;
  for (const ScannedFile& file : scan_.files)
    if (!file.bad()) numbers.emplace(file.input.partition, 0);
  for (auto& [values, number] : numbers) {
    number = static_cast<int32_t>(partitions_.size());
    partitions_.push_back(values);
  }
  for (const ScannedFile& file : scan_.files) part_of_file_.push_back(file.bad() ? -1 : numbers[file.input.partition]);
}

Status UniformRows::MakeSchema(const std::vector<std::string>& keys) {
  FIRN_TRY_ASSIGN(arrow::FieldVector fields, ChunkColumns::FieldsOf(scan_.schema));
  for (size_t i = 0; i < keys.size(); ++i) {
    if (scan_.schema.Find(keys[i]) != nullptr) continue;
    keys_.push_back(i);
    fields.push_back(arrow::field(keys[i], arrow::utf8()));
  }
  fields.push_back(arrow::field("__firn_part", arrow::int32(), false));
  fields.push_back(arrow::field("__firn_file", arrow::int64(), false));
  fields.push_back(arrow::field("__firn_row", arrow::int64(), false));
  schema_ = arrow::schema(std::move(fields));
  return {};
}

std::vector<int> UniformRows::NumbersOf(const std::vector<std::string>& columns) const {
  std::vector<int> numbers;
  for (const std::string& column : columns)
    if (const int number = schema_->GetFieldIndex(column); number >= 0) numbers.push_back(number);
  std::ranges::sort(numbers);
  return numbers;
}

Result<ArrowStream> UniformRows::Like() const {
  ArrowStream stream;
  FIRN_TRY(GuardParquet("the columns of the data", [&] {
    PARQUET_ASSIGN_OR_THROW(auto none, arrow::RecordBatchReader::Make({}, streamed_));
    PARQUET_THROW_NOT_OK(arrow::ExportRecordBatchReader(std::move(none), stream.get()));
  }));
  return stream;
}

Result<UniformStream> UniformRows::Open(const std::vector<int>& columns, size_t first, size_t end,
                                        const std::vector<int>& kept, KeepBatch keep) const {
  const std::vector<int> all = kept.empty() ? columns : Together(columns, kept);
  FIRN_TRY_ASSIGN(auto selection, Select(all));
  UniformStream uniform{.stream = {}, .failure = std::make_shared<std::optional<TransferFailure>>()};
  std::shared_ptr<arrow::RecordBatchReader> reader =
      std::make_shared<Reader>(*this, std::move(selection), first, end, uniform.failure);
  if (!kept.empty())
    reader = std::make_shared<KeepingReader>(std::move(reader), PositionsIn(all, columns), PositionsIn(all, kept),
                                             std::move(keep));
  if (streamed_ != schema_) {
    arrow::FieldVector fields;
    for (const int column : columns) fields.push_back(streamed_->field(column));
    reader = WithTypes(std::move(reader), arrow::schema(std::move(fields)));
  }
  FIRN_TRY(GuardParquet("the stream of rows", [&] {
    PARQUET_THROW_NOT_OK(arrow::ExportRecordBatchReader(std::move(reader), uniform.stream.get()));
  }));
  return uniform;
}

// Of one query, all chunks want the same.
Result<std::shared_ptr<const UniformRows::Selection>> UniformRows::Select(const std::vector<int>& columns) const {
  const std::lock_guard lock(mutex_);
  if (last_ == nullptr || last_->columns != columns) {
    FIRN_TRY_ASSIGN(last_, MakeSelection(columns));
  }
  return last_;
}

Result<std::shared_ptr<const UniformRows::Selection>> UniformRows::MakeSelection(
    const std::vector<int>& columns) const {
  Schema data;
  arrow::FieldVector fields;
  for (const int column : columns) {
    if (column < first_key()) data.fields.push_back(scan_.schema.fields[static_cast<size_t>(column)]);
    fields.push_back(schema_->field(column));
  }
  Selection selection{.columns = columns, .data = {}, .schema = arrow::schema(std::move(fields))};
  FIRN_TRY_ASSIGN(selection.data, ChunkColumns::Of(context_, scan_, data));
  return std::make_shared<const Selection>(std::move(selection));
}

}  // namespace firn
