#include "format/parquet_output.h"

#include <arrow/util/compression.h>
#include <fmt/format.h>
#include <parquet/column_writer.h>

#include "format/dictionary_column.h"
#include "format/object_sink.h"
#include "format/parquet_guard.h"
#include "format/parquet_schema.h"

namespace firn {
namespace {

constexpr int64_t kPageRows = 20'000;

Result<parquet::Compression::type> CodecOf(const std::string& name) {
  static const std::map<std::string, parquet::Compression::type, std::less<>> kCodecs = {
      {"snappy", parquet::Compression::SNAPPY},
      {"gzip", parquet::Compression::GZIP},
      {"zstd", parquet::Compression::ZSTD},
      {"lz4", parquet::Compression::LZ4},
      {"none", parquet::Compression::UNCOMPRESSED}};
  const auto found = kCodecs.find(name);
  if (found == kCodecs.end() || !arrow::util::Codec::IsAvailable(found->second))
    return Fail(ErrorKind::kUnsupported, fmt::format("Parquet codec '{}' is not offered", name),
                "One of: snappy, gzip, zstd, lz4, none.");
  return found->second;
}

std::shared_ptr<parquet::WriterProperties> PropertiesOf(parquet::Compression::type codec,
                                                        const ParquetOutputOptions& options) {
  parquet::WriterProperties::Builder builder;
  builder.compression(codec)
      ->data_pagesize(1 << 20)
      ->max_rows_per_page(kPageRows)
      ->write_batch_size(kPageRows)
      ->enable_statistics()
      ->enable_write_page_index();
  builder.created_by("firn")->max_row_group_length(std::numeric_limits<int64_t>::max());
  for (const std::string& column : options.plain_columns) builder.disable_dictionary(column);
  return builder.build();
}

template <class Physical>
void WriteAs(parquet::ColumnWriter& writer, const LeafBatch& batch) {
  auto& typed = static_cast<parquet::TypedColumnWriter<Physical>&>(writer);
  typed.WriteBatch(batch.levels, batch.def, batch.rep, static_cast<const typename Physical::c_type*>(batch.data));
}

}  // namespace

Result<ParquetLayout> ParquetLayout::Of(const Schema& schema) {
  ParquetLayout layout;
  FIRN_TRY_ASSIGN(layout.root_, ParquetNodeOf(schema));
  FIRN_TRY(GuardParquet("output schema", [&] {
    layout.descriptor_ = std::make_unique<parquet::SchemaDescriptor>();
    layout.descriptor_->Init(layout.root_);
    layout.leaves_ = LeafPathsOf(*layout.descriptor_, schema);
  }));
  return layout;
}

class ParquetOutput::Impl {
 public:
  Impl(ParquetLayout layout_in, std::unique_ptr<ObjectWriter> writer)
      : layout(std::move(layout_in)), sink(std::make_shared<ObjectSink>(std::move(writer))) {}

  // What Parquet threw, or what the store had said before that made it throw.
  Status Guard(const std::function<void()>& body) {
    Status done = GuardParquet("writing Parquet", body);
    if (done) return done;
    if (const auto failure = sink->failure()) return std::unexpected(*failure);
    return Fail(ErrorKind::kIo, done.error().message);
  }

  ParquetLayout layout;
  std::shared_ptr<ObjectSink> sink;
  std::unique_ptr<parquet::ParquetFileWriter> file;
  parquet::RowGroupWriter* group = nullptr;  // owned by `file`
  std::vector<parquet::ColumnWriter*> columns;
  struct Gathered {
    std::unique_ptr<DictionaryColumn> column;  // nullptr: not of strings that repeat
    bool open = false;                         // takes this row group's batches
  };
  std::vector<Gathered> gathered;  // by column
  int64_t rows = 0;

  // Strings that repeat: the others would only fill a dictionary that is then thrown away.
  void FindGathered(const parquet::WriterProperties& properties) {
    for (int i = 0; i < layout.descriptor().num_columns(); ++i) {
      const parquet::ColumnDescriptor& column = *layout.descriptor().Column(i);
      const bool repeat = column.physical_type() == parquet::Type::BYTE_ARRAY && column.max_repetition_level() == 0 &&
                          properties.dictionary_enabled(column.path());
      gathered.push_back({repeat ? std::make_unique<DictionaryColumn>() : nullptr, false});
    }
  }

  // The column's writer, after what was gathered for it.
  parquet::ColumnWriter& Drain(int column) {
    parquet::ColumnWriter& writer = *columns[static_cast<size_t>(column)];
    Gathered& strings = gathered[static_cast<size_t>(column)];
    if (strings.open) strings.column->WriteTo(writer);
    strings.open = false;
    return writer;
  }
};

ParquetOutput::ParquetOutput(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

ParquetOutput::~ParquetOutput() {
  // A writer that is dropped half-way closes itself into a sink that nobody will finish.
  if (impl_->file) (void)GuardParquet("closing", [&] { impl_->file.reset(); });
}

Result<std::unique_ptr<ParquetOutput>> ParquetOutput::Create(std::unique_ptr<ObjectWriter> writer, const Schema& schema,
                                                             const ParquetOutputOptions& options) {
  FIRN_TRY_ASSIGN(const parquet::Compression::type codec, CodecOf(options.codec));
  FIRN_TRY_ASSIGN(ParquetLayout layout, ParquetLayout::Of(schema));
  auto impl = std::make_unique<Impl>(std::move(layout), std::move(writer));
  const auto properties = PropertiesOf(codec, options);
  impl->FindGathered(*properties);
  FIRN_TRY(
      impl->Guard([&] { impl->file = parquet::ParquetFileWriter::Open(impl->sink, impl->layout.root(), properties); }));
  return std::unique_ptr<ParquetOutput>(new ParquetOutput(std::move(impl)));
}

Status ParquetOutput::BeginRowGroup(int64_t rows) {
  return impl_->Guard([&] {
    impl_->rows += rows;
    impl_->group = impl_->file->AppendBufferedRowGroup();
    impl_->columns.clear();
    for (int i = 0; i < impl_->group->num_columns(); ++i) impl_->columns.push_back(impl_->group->column(i));
    for (Impl::Gathered& strings : impl_->gathered) strings.open = strings.column != nullptr;
  });
}

void ParquetOutput::Write(int column, const LeafBatch& batch) {
  const Impl::Gathered& strings = impl_->gathered[static_cast<size_t>(column)];
  if (strings.open && strings.column->Add(batch)) return;
  parquet::ColumnWriter& writer = impl_->Drain(column);
  switch (writer.type()) {
    case parquet::Type::BOOLEAN:
      return WriteAs<parquet::BooleanType>(writer, batch);
    case parquet::Type::INT32:
      return WriteAs<parquet::Int32Type>(writer, batch);
    case parquet::Type::INT64:
      return WriteAs<parquet::Int64Type>(writer, batch);
    case parquet::Type::FLOAT:
      return WriteAs<parquet::FloatType>(writer, batch);
    case parquet::Type::DOUBLE:
      return WriteAs<parquet::DoubleType>(writer, batch);
    case parquet::Type::BYTE_ARRAY:
      return WriteAs<parquet::ByteArrayType>(writer, batch);
    case parquet::Type::FIXED_LEN_BYTE_ARRAY:
      return WriteAs<parquet::FLBAType>(writer, batch);
    default:
      throw parquet::ParquetException("firn does not write this physical type");
  }
}

void ParquetOutput::EndColumn(int column) {
  impl_->Drain(column);
}

Status ParquetOutput::EndRowGroup() {
  return impl_->Guard([&] {
    for (size_t i = 0; i < impl_->columns.size(); ++i) impl_->Drain(static_cast<int>(i));
    impl_->group->Close();
  });
}

Result<FinishedObject> ParquetOutput::Finish() {
  FIRN_TRY(impl_->Guard([&] { impl_->file->Close(); }));
  FIRN_TRY_ASSIGN(ObjectInfo object, impl_->sink->Finish());
  return FinishedObject{.object = std::move(object), .rows = impl_->rows, .checksum = impl_->sink->Checksum()};
}

const parquet::SchemaDescriptor& ParquetOutput::descriptor() const {
  return impl_->layout.descriptor();
}
const std::vector<LeafPath>& ParquetOutput::leaves() const {
  return impl_->layout.leaves();
}

}  // namespace firn
