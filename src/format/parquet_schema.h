#pragma once

#include <parquet/schema.h>

#include <memory>

#include "base/result.h"
#include "schema/type.h"

namespace firn {

// What a Parquet file's schema means in firn's types. Both spellings of lists (three levels, and the two levels of old
// writers), bare repeated fields (required lists), MAP and MAP_KEY_VALUE, decimals on every physical type, INT96 (a
// wall-clock timestamp in nanoseconds), and both annotations, logical and converted. Annotations that firn has no type
// for (JSON, BSON, ENUM, INTERVAL, FLOAT16, GEOMETRY) read as their physical type: text or bytes.
// kCorrupt for a repeated column name, an empty one, or a list or map that is not built as the format says;
// kUnsupported for what is legal and not offered (nested deeper than 64, decimals beyond 38 digits, maps without
// values). The message begins with the column's path.
[[nodiscard]] Result<Schema> SchemaOf(const parquet::SchemaDescriptor& descriptor);

// The standard layout, as Arrow and Spark write it: lists of three levels, decimals of up to 9 digits in INT32, up to
// 18 in INT64, else in the shortest FIXED_LEN_BYTE_ARRAY; a NULL column is INT32 annotated UNKNOWN. SchemaOf gives the
// same schema back. kUnsupported for a struct without fields, which Parquet cannot hold; kInvalidArgument for a type
// that is none (decimal(0,0), a list of two).
[[nodiscard]] Result<std::shared_ptr<parquet::schema::GroupNode>> ParquetNodeOf(const Schema& schema);

}  // namespace firn
