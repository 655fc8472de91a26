#pragma once

#include <arrow/array/builder_base.h>

#include <memory>

#include "schema/type.h"
#include "text/token_column.h"

namespace firn {

// Reads single values, as docs/formats.md spells them in CSV and JSON, into an Arrow array of one type: numbers also
// from texts that spell one, text from any scalar. Exact: a value that the type
// does not hold is none of its values, but for doubles, which round.
class ValueReader {
 public:
  virtual ~ValueReader() = default;
  // For every type but structs, lists and maps.
  static std::unique_ptr<ValueReader> Of(const Type& type);

  // False, and nothing appended, when the token is no value of the type. Throws parquet::ParquetException.
  virtual bool Append(const Token& token) = 0;
  virtual void AppendNulls(int64_t count) = 0;
  virtual std::shared_ptr<arrow::Array> Finish() = 0;
};

// Arrow's type for values of `type`, as Parquet files of it are read.
[[nodiscard]] std::shared_ptr<arrow::DataType> ArrowTypeOf(const Type& type);

}  // namespace firn
