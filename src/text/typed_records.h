#pragma once

#include <vector>

#include "schema/schema_change.h"
#include "text/record_set.h"
#include "text/typed_batch.h"

namespace firn {

struct TypedRecords {
  std::shared_ptr<arrow::RecordBatch> batch;  // the good records
  Schema schema;                              // of the batch
  Schema inferred;                            // what the records alone tell
  Schema long_numbers;                        // of items: see long_numbers.h
  std::vector<uint32_t> rows;                 // which of the set each row of the batch is
  std::vector<BadRecord> bad;                 // by object and line
};

// The records as rows of a table whose columns are `known`. kMismatch, with object, line and column, for what kFail
// refuses.
[[nodiscard]] Result<TypedRecords> TypeRecords(const RecordSet& records, const Schema& known, SchemaChange change);

// The columns that a table has once it holds what was inferred: known columns keep their types but for new fields of
// structs. With kEvolve; else `known` as it is.
[[nodiscard]] Schema WithNewColumns(const Schema& known, const Schema& inferred, SchemaChange change);
// The same, with wider types for known columns of numbers that the inferred ones do not fit. kMismatch for new columns
// with kFail. Of text where the table has another type nothing is learned: its values may spell that type.
[[nodiscard]] Result<Schema> FollowInferred(const Schema& known, const Schema& inferred, SchemaChange change);

}  // namespace firn
