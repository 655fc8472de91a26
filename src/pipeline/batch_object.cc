#include "pipeline/batch_object.h"

#include <arrow/memory_pool.h>
#include <parquet/arrow/writer.h>

#include "format/object_sink.h"
#include "format/parquet_guard.h"

namespace firn {
namespace {

constexpr int64_t kGroupRows = 128'000;

// `next` is the next batch, nullptr at the end. Throws parquet::ParquetException.
template <class Next>
Result<ObjectInfo> Store(ObjectStore& store, const ObjectKey& key, const arrow::Schema& schema, Next next) {
  FIRN_TRY_ASSIGN(auto writer, store.Create(key));
  const auto sink = std::make_shared<ObjectSink>(std::move(writer));
  parquet::WriterProperties::Builder properties;
  properties.compression(parquet::Compression::LZ4)->max_row_group_length(kGroupRows);
  Status written = GuardParquet("the rows", [&] {
    PARQUET_ASSIGN_OR_THROW(const auto file, parquet::arrow::FileWriter::Open(schema, arrow::default_memory_pool(),
                                                                              sink, properties.build()));
    for (auto batch = next(); batch != nullptr; batch = next()) PARQUET_THROW_NOT_OK(file->WriteRecordBatch(*batch));
    PARQUET_THROW_NOT_OK(file->Close());
  });
  if (!written && sink->failure()) return std::unexpected(*sink->failure());
  if (!written) return Fail(ErrorKind::kInvalidArgument, written.error().message);
  return sink->Finish();
}

}  // namespace

Result<ObjectInfo> StoreRows(ObjectStore& store, const ObjectKey& key, arrow::RecordBatchReader& rows) {
  return Store(store, key, *rows.schema(), [&] {
    PARQUET_ASSIGN_OR_THROW(auto batch, rows.Next());
    return batch;
  });
}

Result<ObjectInfo> StoreBatch(ObjectStore& store, const ObjectKey& key, const arrow::RecordBatch& batch) {
  const arrow::RecordBatch* rest = &batch;
  return Store(store, key, *batch.schema(), [&] { return std::exchange(rest, nullptr); });
}

}  // namespace firn
