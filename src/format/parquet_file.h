#pragma once

#include <parquet/file_reader.h>

#include <memory>

#include "base/result.h"
#include "store/object_store.h"

namespace firn {

// One open Parquet object: small ones are read whole in one request, large ones column chunk by column chunk.
// The reader throws; calls to it belong inside GuardParquet. Movable; used by one thread at a time, except that
// distinct columns of a row group may be read by several.
struct ParquetFile {
  ObjectInfo object;
  std::unique_ptr<parquet::ParquetFileReader> reader;

  [[nodiscard]] const parquet::FileMetaData& metadata() const { return *reader->metadata(); }
};

// kCorrupt for what is not Parquet (empty and truncated files, footers that lie); kMismatch and kNotFound as
// ObjectStore::Read.
Result<ParquetFile> OpenParquet(ObjectStore& store, const ObjectInfo& object);

}  // namespace firn
