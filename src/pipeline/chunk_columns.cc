#include "pipeline/chunk_columns.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>

#include <span>

#include "format/arrow_column.h"
#include "format/parquet_guard.h"
#include "pipeline/slice_mover.h"

namespace firn {
namespace {

// Keeps an "object" in memory.
class ImageWriter : public ObjectWriter {
 public:
  explicit ImageWriter(std::string& bytes) : bytes_(bytes) {}
  Status Append(std::string_view bytes) override {
    bytes_ += bytes;
    return {};
  }
  Result<ObjectInfo> Finish() override {
    return ObjectInfo{.key = {}, .size = std::ssize(bytes_), .modified_ns = 0, .etag = {}};
  }

 private:
  std::string& bytes_;
};

parquet::ArrowReaderProperties ReaderProperties() {
  constexpr int64_t kBatchRows = 256'000;
  parquet::ArrowReaderProperties properties;
  properties.set_arrow_extensions_enabled(true);
  properties.set_batch_size(kBatchRows);
  return properties;
}

// May throw.
arrow::RecordBatchVector Decode(std::string image) {
  parquet::arrow::FileReaderBuilder builder;
  PARQUET_THROW_NOT_OK(
      builder.Open(std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(std::move(image)))));
  builder.properties(ReaderProperties());
  PARQUET_ASSIGN_OR_THROW(auto reader, builder.Build());
  PARQUET_ASSIGN_OR_THROW(auto batches, reader->GetRecordBatchReader());
  PARQUET_ASSIGN_OR_THROW(auto decoded, batches->ToRecordBatches());
  return decoded;
}

// The columns of a chunk in the making.
class GatheredColumns {
 public:
  GatheredColumns(const ParquetLayout& layout, const arrow::FieldVector& fields) {
    for (size_t i = 0; i < fields.size(); ++i) {
      columns_.emplace_back(*layout.root()->field(static_cast<int>(i)), fields[i]->type());
      for (int leaf = 0; leaf < columns_.back().leaves(); ++leaf) leaves_.push_back({i, leaf});
    }
  }

  void Reserve(int64_t rows, const SliceMover& mover) {
    for (size_t leaf = 0; leaf < leaves_.size(); ++leaf)
      columns_[leaves_[leaf].column].Reserve(leaves_[leaf].number, rows, mover.EncodedBytes(leaf));
  }
  void Add(int leaf, const LeafBatch& batch) {
    const Leaf& at = leaves_[static_cast<size_t>(leaf)];
    columns_[at.column].Add(at.number, batch);
  }
  arrow::ArrayVector Finish() {
    arrow::ArrayVector arrays;
    for (ArrowColumn& column : columns_) arrays.push_back(column.Finish());
    return arrays;
  }

 private:
  struct Leaf {
    size_t column;
    int number;  // in the column
  };
  std::vector<ArrowColumn> columns_;
  std::vector<Leaf> leaves_;  // of the layout
};

}  // namespace

Result<arrow::FieldVector> ChunkColumns::FieldsOf(const Schema& columns) {
  FIRN_TRY_ASSIGN(const ParquetLayout layout, ParquetLayout::Of(columns));
  std::shared_ptr<arrow::Schema> schema;
  FIRN_TRY(GuardParquet("the columns of the data", [&] {
    PARQUET_THROW_NOT_OK(parquet::arrow::FromParquetSchema(&layout.descriptor(), ReaderProperties(), nullptr, &schema));
  }));
  arrow::FieldVector fields = schema->fields();
  for (auto& field : fields)
    if (const auto type = ArrowColumn::TypeFor(field->type())) field = field->WithType(type);
  return fields;
}

Result<std::unique_ptr<ChunkColumns>> ChunkColumns::Of(const ExecuteContext& context, const Scan& scan,
                                                       const Schema& columns) {
  auto made = std::unique_ptr<ChunkColumns>(new ChunkColumns(context, scan));
  FIRN_TRY_ASSIGN(made->fields_, FieldsOf(columns));
  Schema gathered;
  Schema imaged;
  for (size_t i = 0; i < columns.fields.size(); ++i) {
    const bool is_gathered = ArrowColumn::TypeFor(made->fields_[i]->type()) != nullptr;
    Schema& part = is_gathered ? gathered : imaged;
    made->places_.push_back({is_gathered, static_cast<int>(part.fields.size())});
    part.fields.push_back(columns.fields[i]);
  }
  FIRN_TRY_ASSIGN(made->gathered_, made->MakePart(std::move(gathered)));
  FIRN_TRY_ASSIGN(made->imaged_, made->MakePart(std::move(imaged)));
  if (made->imaged_ != nullptr)
    for (const LeafPath& leaf : made->imaged_->layout.leaves())
      made->plain_columns_.insert(made->imaged_->layout.descriptor().Column(leaf.column)->path()->ToDotString());
  return made;
}

Result<std::unique_ptr<const ChunkColumns::Part>> ChunkColumns::MakePart(Schema schema) const {
  if (schema.fields.empty()) return nullptr;
  FIRN_TRY_ASSIGN(ParquetLayout layout, ParquetLayout::Of(schema));
  FIRN_TRY_ASSIGN(ShapeMappings mappings, ShapeMappings::Of(scan_, layout));
  return std::make_unique<const Part>(std::move(schema), std::move(layout), std::move(mappings));
}

std::expected<arrow::RecordBatchVector, TransferFailure> ChunkColumns::Read(const OutputPart& chunk) const {
  auto gathered = Gather(chunk);
  if (!gathered) return std::unexpected(std::move(gathered.error()));
  if (imaged_ == nullptr) return arrow::RecordBatchVector{Joined(0, chunk.rows, *gathered, nullptr)};
  auto imaged = ReadImage(chunk);
  if (!imaged) return imaged;
  int64_t offset = 0;
  for (auto& batch : *imaged) {
    batch = Joined(offset, batch->num_rows(), *gathered, batch.get());
    offset += batch->num_rows();
  }
  return imaged;
}

std::expected<arrow::ArrayVector, TransferFailure> ChunkColumns::Gather(const OutputPart& chunk) const {
  if (gathered_ == nullptr) return arrow::ArrayVector{};
  arrow::FieldVector fields;
  for (size_t i = 0; i < fields_.size(); ++i)
    if (places_[i].gathered) fields.push_back(fields_[i]);
  GatheredColumns columns(gathered_->layout, fields);
  SliceMover mover(context_, scan_.files, gathered_->mappings, gathered_->layout.leaves().size());
  for (std::span<const Slice> left = chunk.slices; !left.empty();) {
    const std::span<const Slice> batch = mover.FirstOf(left);
    const bool first = left.size() == chunk.slices.size();
    left = left.subspan(batch.size());
    if (auto opened = mover.Open(batch); !opened) return std::unexpected(std::move(opened.error()));
    Status reserved = GuardParquet("memory", [&] {
      if (first) columns.Reserve(chunk.rows, mover);
    });
    if (!reserved) return std::unexpected(TransferFailure{std::move(reserved.error()), {}});
    auto moved = mover.Move([&](int leaf, const LeafBatch& rows) { columns.Add(leaf, rows); });
    if (!moved) return std::unexpected(std::move(moved.error()));
  }
  arrow::ArrayVector arrays;
  Status finished = GuardParquet("memory", [&] { arrays = columns.Finish(); });
  if (!finished) return std::unexpected(TransferFailure{std::move(finished.error()), {}});
  return arrays;
}

std::expected<arrow::RecordBatchVector, TransferFailure> ChunkColumns::ReadImage(const OutputPart& chunk) const {
  std::string image;
  const TransferPlan plan{
      .files = scan_.files, .schema = imaged_->schema, .layout = imaged_->layout, .mappings = imaged_->mappings};
  std::atomic<int64_t> done = 0;
  auto written = WriteParquetPart(context_, plan, chunk, std::make_unique<ImageWriter>(image),
                                  {.codec = "none", .plain_columns = plain_columns_}, done);
  if (!written) return std::unexpected(std::move(written.error()));
  arrow::RecordBatchVector batches;
  Status decoded = GuardParquet("the data in memory", [&] { batches = Decode(std::move(image)); });
  if (!decoded) return std::unexpected(TransferFailure{std::move(decoded.error()), {}});
  return batches;
}

std::shared_ptr<arrow::RecordBatch> ChunkColumns::Joined(int64_t offset, int64_t rows,
                                                         const arrow::ArrayVector& gathered,
                                                         const arrow::RecordBatch* imaged) const {
  arrow::ArrayVector columns;
  for (const Place& place : places_)
    columns.push_back(place.gathered ? gathered[static_cast<size_t>(place.number)]->Slice(offset, rows)
                                     : imaged->column(place.number));
  return arrow::RecordBatch::Make(arrow::schema(fields_), rows, std::move(columns));
}

}  // namespace firn
