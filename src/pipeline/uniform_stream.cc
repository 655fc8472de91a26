#include "pipeline/uniform_stream.h"

#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <arrow/io/memory.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>

#include "format/parquet_guard.h"

namespace firn {
namespace {

constexpr int64_t kChunkRows = 128'000;

// Keeps an "object" in memory.
class BufferWriter : public ObjectWriter {
 public:
  explicit BufferWriter(std::string& bytes) : bytes_(bytes) {}
  Status Append(std::string_view bytes) override {
    bytes_ += bytes;
    return {};
  }
  Result<ObjectInfo> Finish() override {
    return ObjectInfo{.key = {}, .size = static_cast<int64_t>(bytes_.size()), .modified_ns = 0, .etag = {}};
  }

 private:
  std::string& bytes_;
};

// Moves a chunk of slices into a small Parquet image in memory, by the same code that writes outputs, and reads it back
// as Arrow: so nested, missing and widened columns have one implementation.
class ChunkReader : public arrow::RecordBatchReader {
 public:
  ChunkReader(const ExecuteContext& context, const Scan& scan, Schema columns, ParquetLayout layout,
              ShapeMappings mappings, bool with_existing, std::shared_ptr<std::optional<TransferFailure>> failure)
      : context_(context),
        scan_(scan),
        columns_(std::move(columns)),
        layout_(std::move(layout)),
        mappings_(std::move(mappings)),
        plan_{.files = scan.files, .schema = columns_, .layout = layout_, .mappings = mappings_},
        failure_(std::move(failure)) {
    for (const LeafPath& leaf : layout_.leaves())
      plan_.plain_columns.insert(layout_.descriptor().Column(leaf.column)->path()->ToDotString());
    for (size_t f = 0; f < scan.files.size(); ++f)
      if (!scan.files[f].bad() && (with_existing || !scan.files[f].input.existing)) AddSlices(f);
  }

  Status Init() {
    std::shared_ptr<arrow::Schema> schema;
    FIRN_TRY(GuardParquet("the columns of the data", [&] {
      parquet::ArrowReaderProperties properties;
      properties.set_arrow_extensions_enabled(true);
      PARQUET_THROW_NOT_OK(parquet::arrow::FromParquetSchema(&layout_.descriptor(), properties, nullptr, &schema));
    }));
    arrow::FieldVector fields = schema->fields();
    fields.push_back(arrow::field("__firn_file", arrow::int64(), false));
    fields.push_back(arrow::field("__firn_row", arrow::int64(), false));
    schema_ = arrow::schema(std::move(fields));
    return {};
  }

  [[nodiscard]] std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    while (pending_.empty() && next_ < slices_.size()) {
      auto read = ReadChunk();
      if (!read) {
        const std::string text = read.error().error.Text();
        *failure_ = std::move(read.error());
        return arrow::Status::IOError(text);
      }
    }
    if (pending_.empty()) {
      *batch = nullptr;
      return arrow::Status::OK();
    }
    *batch = std::move(pending_.back());
    pending_.pop_back();
    return arrow::Status::OK();
  }

 private:
  void AddSlices(size_t file) {
    const std::vector<int64_t>& kept = scan_.files[file].group_kept;
    for (size_t g = 0; g < kept.size(); ++g) {
      if (kept[g] == 0) continue;
      slices_.push_back({file, static_cast<int>(g), 0, kept[g]});
      total_rows_ += kept[g];
    }
  }

  std::expected<void, TransferFailure> ReadChunk() {
    OutputPart part;
    while (next_ < slices_.size() && part.rows < kChunkRows) {
      part.rows += slices_[next_].count;
      part.slices.push_back(slices_[next_++]);
    }
    std::string image;
    std::atomic<int64_t> done = 0;
    auto written = WriteParquetPart(context_, plan_, part, std::make_unique<BufferWriter>(image),
                                    {.codec = "none", .plain_columns = plan_.plain_columns}, done);
    if (!written) return std::unexpected(std::move(written.error()));
    Status decoded = GuardParquet("the data in memory", [&] { Decode(std::move(image), part); });
    if (!decoded) return std::unexpected(TransferFailure{std::move(decoded.error()), {}});
    done_rows_ += part.rows;
    context_.progress("checking", done_rows_, total_rows_);
    return {};
  }

  void Decode(std::string image, const OutputPart& part) {
    parquet::ArrowReaderProperties properties;
    properties.set_arrow_extensions_enabled(true);
    properties.set_batch_size(kChunkRows * 2);
    parquet::arrow::FileReaderBuilder builder;
    PARQUET_THROW_NOT_OK(
        builder.Open(std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(std::move(image)))));
    builder.properties(properties);
    PARQUET_ASSIGN_OR_THROW(auto reader, builder.Build());
    PARQUET_ASSIGN_OR_THROW(auto batches, reader->GetRecordBatchReader());
    PARQUET_ASSIGN_OR_THROW(auto decoded, batches->ToRecordBatches());
    const auto [files, rows] = Places(part);
    int64_t offset = 0;
    for (const auto& one : decoded) {
      arrow::ArrayVector columns = one->columns();
      columns.push_back(files->Slice(offset, one->num_rows()));
      columns.push_back(rows->Slice(offset, one->num_rows()));
      offset += one->num_rows();
      pending_.push_back(arrow::RecordBatch::Make(schema_, one->num_rows(), std::move(columns)));
    }
    std::ranges::reverse(pending_);  // taken from the back
  }

  // __firn_file and __firn_row of the part's rows.
  std::pair<std::shared_ptr<arrow::Array>, std::shared_ptr<arrow::Array>> Places(const OutputPart& part) const {
    arrow::Int64Builder files;
    arrow::Int64Builder rows;
    PARQUET_THROW_NOT_OK(files.Reserve(part.rows));
    PARQUET_THROW_NOT_OK(rows.Reserve(part.rows));
    for (const Slice& slice : part.slices) {
      const ScannedFile& file = scan_.files[slice.file];
      int64_t first = 0;
      for (int g = 0; g < slice.group; ++g) first += file.group_rows[static_cast<size_t>(g)];
      for (int64_t row = first; row < first + file.group_rows[static_cast<size_t>(slice.group)]; ++row) {
        if (!file.keep.empty() && file.keep[static_cast<size_t>(row)] == 0) continue;
        files.UnsafeAppend(static_cast<int64_t>(slice.file));
        rows.UnsafeAppend(row);
      }
    }
    PARQUET_ASSIGN_OR_THROW(auto file_array, files.Finish());
    PARQUET_ASSIGN_OR_THROW(auto row_array, rows.Finish());
    return {file_array, row_array};
  }

  const ExecuteContext& context_;
  const Scan& scan_;
  const Schema columns_;
  const ParquetLayout layout_;
  const ShapeMappings mappings_;
  TransferPlan plan_;
  std::shared_ptr<std::optional<TransferFailure>> failure_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<Slice> slices_;
  size_t next_ = 0;
  int64_t done_rows_ = 0;
  int64_t total_rows_ = 0;
  std::vector<std::shared_ptr<arrow::RecordBatch>> pending_;
};

}  // namespace

Result<UniformStream> OpenUniformStream(const ExecuteContext& context, const Scan& scan, Schema columns,
                                        bool with_existing) {
  // Arrow has no batch without columns that still has rows of a Parquet file without columns: the first column stands
  // in.
  if (columns.fields.empty() && !scan.schema.fields.empty()) columns.fields.push_back(scan.schema.fields[0]);
  FIRN_TRY_ASSIGN(ParquetLayout layout, ParquetLayout::Of(columns));
  FIRN_TRY_ASSIGN(ShapeMappings mappings, ShapeMappings::Of(scan, layout));
  UniformStream uniform{.stream = {}, .failure = std::make_shared<std::optional<TransferFailure>>()};
  auto reader = std::make_shared<ChunkReader>(context, scan, std::move(columns), std::move(layout), std::move(mappings),
                                              with_existing, uniform.failure);
  FIRN_TRY(reader->Init());
  FIRN_TRY(GuardParquet("the stream of rows", [&] {
    PARQUET_THROW_NOT_OK(arrow::ExportRecordBatchReader(std::move(reader), uniform.stream.get()));
  }));
  return uniform;
}

}  // namespace firn
