#pragma once

#include <arrow/type_fwd.h>
#include <parquet/metadata.h>

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/object_store.h"

namespace firn {

// Where one column chunk lies, and how to read it: what is kept of a footer once it was checked, 24 bytes of its
// kilobytes, so that the later passes over thousands of files parse no footer again.
struct ChunkPlace {
  int64_t offset = 0;   // of its first page
  int64_t bytes = 0;    // as stored
  uint32_t levels = 0;  // values and NULLs
  uint8_t codec = 0;    // parquet::Compression::type
  // Pages of the second version are compressed whatever they say: their writer was one of Arrow's before 3.0.
  bool always_compressed = false;
};

// The room for a header that some writers leave out of a chunk's size: so much may follow its last page.
inline constexpr int64_t kForgottenHeaderBytes = 100;

// Where a chunk's first page lies, as its metadata claims.
[[nodiscard]] int64_t FirstPageOf(const parquet::ColumnChunkMetaData& chunk);

// The chunks of a file, row group by row group, in each column by column. Throws parquet::ParquetException when they
// cannot lie in a file of `file_size` bytes, or are encrypted.
[[nodiscard]] std::vector<ChunkPlace> ChunksOf(const parquet::FileMetaData& metadata, int64_t file_size);

// The stored bytes of one column chunk. They stay where they are when it is moved.
class ChunkBytes {
 public:
  explicit ChunkBytes(std::string_view shared) : view_(shared) {}  // of the object, which outlives it
  explicit ChunkBytes(Bytes own) : own_(std::move(own)), view_(own_.view()) {}
  [[nodiscard]] std::string_view view() const { return view_; }

 private:
  Bytes own_;
  std::string_view view_;
};

// The bytes of one Parquet object: a small one is read whole in one request, a large one chunk by chunk. Distinct
// chunks may be read by several threads.
class ChunkSource {
 public:
  // kMismatch and kNotFound as ObjectStore::Read.
  static Result<ChunkSource> Open(ObjectStore& store, const ObjectInfo& object);

  // Throws StoreFailure when the store cannot give the bytes.
  [[nodiscard]] ChunkBytes Read(const ChunkPlace& chunk) const;
  [[nodiscard]] const ObjectInfo& object() const { return object_; }

 private:
  ChunkSource(ObjectStore& store, ObjectInfo object) : store_(&store), object_(std::move(object)) {}

  ObjectStore* store_;
  ObjectInfo object_;
  std::optional<Bytes> whole_;  // nothing: a large object
};

// One row group of it, or rows in memory.
struct RowGroupSource {
  const parquet::SchemaDescriptor& schema;
  const ChunkSource* source = nullptr;
  std::span<const ChunkPlace> chunks = {};   // one for each column of the file
  const arrow::RecordBatch* rows = nullptr;  // when they are in memory: all else but the schema is not used
};

}  // namespace firn
