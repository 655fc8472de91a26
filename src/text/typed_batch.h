#pragma once

#include <arrow/record_batch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "schema/type.h"
#include "text/token_column.h"

namespace firn {

// A value that its column's type does not hold.
struct Misfit {
  uint32_t row = 0;
  std::string column;  // dotted
  std::string text;    // of the value; long ones are cut
  Type wanted;
};

struct TypedBatch {
  std::shared_ptr<arrow::RecordBatch> batch;  // one row for each record; those with misfits hold NULL there
  std::vector<Misfit> misfits;                // the first of each row and column, by column
};

// The records added to `root`, rows 0 to `rows`, as columns of `schema`, by name. What `schema` does not name is left
// out; what a record lacks is NULL. Texts are read by text/value_reader.h. A map is read from an object.
[[nodiscard]] Result<TypedBatch> BuildBatch(const TokenColumn& root, const Schema& schema, uint32_t rows);

}  // namespace firn
