#include "pipeline/batch_object.h"

#include <arrow/memory_pool.h>
#include <parquet/arrow/writer.h>

#include "format/object_sink.h"
#include "format/parquet_guard.h"

namespace firn {
namespace {

constexpr int64_t kGroupRows = 128'000;

}  // namespace

Result<ObjectInfo> StoreBatches(ObjectStore& store, const ObjectKey& key,
                                std::span<const std::shared_ptr<arrow::RecordBatch>> batches) {
  FIRN_TRY_ASSIGN(auto writer, store.Create(key));
  const auto sink = std::make_shared<ObjectSink>(std::move(writer));
  parquet::WriterProperties::Builder properties;
  // Written and read once, on this machine: the values as they are cost less than making them small.
  properties.disable_dictionary()->disable_statistics()->max_row_group_length(kGroupRows);
  properties.compression(parquet::Compression::UNCOMPRESSED);
  Status written = GuardParquet("the rows", [&] {
    PARQUET_ASSIGN_OR_THROW(const auto file,
                            parquet::arrow::FileWriter::Open(*batches.front()->schema(), arrow::default_memory_pool(),
                                                             sink, properties.build()));
    for (const auto& batch : batches) PARQUET_THROW_NOT_OK(file->WriteRecordBatch(*batch));
    PARQUET_THROW_NOT_OK(file->Close());
  });
  if (!written && sink->failure()) return std::unexpected(*sink->failure());
  if (!written) return Fail(ErrorKind::kInvalidArgument, written.error().message);
  return sink->Finish();
}

Result<ObjectInfo> StoreBatch(ObjectStore& store, const ObjectKey& key,
                              const std::shared_ptr<arrow::RecordBatch>& batch) {
  return StoreBatches(store, key, std::span(&batch, 1));
}

}  // namespace firn
