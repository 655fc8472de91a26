#pragma once

#include <arrow/record_batch.h>

#include <memory>
#include <span>

#include "store/object_store.h"

namespace firn {

// Writes rows that only the run itself will read as one Parquet object: fast rather than small. Failures of the store
// are its errors; what Parquet cannot hold is kInvalidArgument.
Result<ObjectInfo> StoreBatches(ObjectStore& store, const ObjectKey& key,
                                std::span<const std::shared_ptr<arrow::RecordBatch>> batches);  // at least one
Result<ObjectInfo> StoreBatch(ObjectStore& store, const ObjectKey& key,
                              const std::shared_ptr<arrow::RecordBatch>& batch);

}  // namespace firn
