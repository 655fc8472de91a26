#pragma once

#include <vector>

#include "text/record_set.h"
#include "text/typed_batch.h"

namespace firn {

// What new columns, and values that are wider than their column, do to a table.
enum class SchemaChange {
  kEvolve,  // the columns are added, the types widened by schema/merge.h
  kFreeze,  // the columns are left out, the values do not fit
  kFail     // a new column ends the crawl or the run, the values do not fit
};

struct TypedRecords {
  std::shared_ptr<arrow::RecordBatch> batch;  // the good records
  Schema schema;                              // of the batch
  std::vector<BadRecord> bad;                 // by object and line
};

// The records as rows of a table whose columns are `known`. kMismatch, with object, line and column, for what kFail
// refuses.
[[nodiscard]] Result<TypedRecords> TypeRecords(const RecordSet& records, const Schema& known, SchemaChange change);

// The columns that a table has once it holds what was inferred: known columns keep their types but for new fields of
// structs. With kEvolve; else `known` as it is.
[[nodiscard]] Schema WithNewColumns(const Schema& known, const Schema& inferred, SchemaChange change);

}  // namespace firn
