#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "format/leaf_path.h"
#include "format/parquet_file.h"
#include "schema/type.h"

namespace firn {

// One of the schemas that input files have. Thousands of files share a few shapes, so what is worked out for a shape is
// worked out once.
struct FileShape {
  std::shared_ptr<const void> owner;  // keeps the descriptor alive
  const parquet::SchemaDescriptor* descriptor = nullptr;
  Schema schema;
  std::vector<LeafPath> leaves;
  ObjectKey example;  // the first file seen with it
  int index = 0;
};

// All shapes of a run. Thread-safe.
class ShapeRegistry {
 public:
  // The shape of an open file. kMismatch when its schema is one that firn cannot read.
  Result<const FileShape*> ShapeOf(const ParquetFile& file);
  // Of rows in memory: that of a file to which Parquet's Arrow writer would have written them.
  Result<const FileShape*> ShapeOf(const ObjectKey& key, const arrow::Schema& schema);
  [[nodiscard]] std::vector<const FileShape*> All() const;

 private:
  Result<const FileShape*> ShapeOf(const ObjectKey& key, const std::shared_ptr<const void>& owner,
                                   const parquet::SchemaDescriptor& descriptor);
  const FileShape* Find(const parquet::SchemaDescriptor& descriptor, size_t from) const;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<FileShape>> shapes_;  // guarded by mutex_; the shapes themselves never change
};

}  // namespace firn
