#pragma once

#include <cstdint>

#include "base/hash.h"
#include "base/result.h"
#include "schema/type.h"
#include "store/object_store.h"

namespace firn {

// What a crawler wants to know of a Parquet file.
struct FileSummary {
  Schema schema;
  int64_t rows = 0;
  int64_t row_groups = 0;
  Hash128 fingerprint;  // of the schema as the file spells it: equal fingerprints, equal schemas
};

// Reads the footer alone: one request for the last 64 KB, a second one only when the footer is longer. Thread-safe as
// far as the store is. kCorrupt names the object and what was expected: empty and truncated objects, other formats,
// encrypted footers (kUnsupported), footers whose sizes, offsets or counts cannot be true, repeated column names.
// kMismatch and kNotFound when the object changed or vanished since it was listed.
[[nodiscard]] Result<FileSummary> ReadParquetFooter(ObjectStore& store, const ObjectInfo& object);

}  // namespace firn
