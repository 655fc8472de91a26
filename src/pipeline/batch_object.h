#pragma once

#include <arrow/record_batch.h>

#include "store/object_store.h"

namespace firn {

// Writes rows that only the run itself will read as one Parquet object: fast rather than small. Failures of the store
// are its errors; what Parquet cannot hold is kInvalidArgument.
Result<ObjectInfo> StoreRows(ObjectStore& store, const ObjectKey& key, arrow::RecordBatchReader& rows);
Result<ObjectInfo> StoreBatch(ObjectStore& store, const ObjectKey& key, const arrow::RecordBatch& batch);

}  // namespace firn
