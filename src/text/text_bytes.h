#pragma once

#include <arrow/util/compression.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "store/object_store.h"

namespace firn {

// The bytes of a text object from its beginning, decompressed (gzip, also of several members; zstd: told by their first
// bytes, whatever the name says), without a UTF-8 byte order mark. Memory: two blocks. For one thread.
class TextBytes {
 public:
  TextBytes(ObjectStore& store, ObjectInfo object) : store_(store), object_(std::move(object)) {}

  // Appends the next bytes to `out`, at least one; false at the end. The store's errors; kCorrupt for compressed bytes
  // that are damaged or cut off; kUnsupported for UTF-16 and UTF-32.
  Result<bool> Read(std::string& out);

 private:
  Result<bool> ReadRaw(std::string& out);
  Result<bool> ReadDecompressed(std::string& out);
  Status Begin();
  Status Decompress(std::string& out);
  [[nodiscard]] std::unexpected<Error> Damaged(std::string_view how) const;

  ObjectStore& store_;
  const ObjectInfo object_;
  int64_t offset_ = 0;  // of the next block
  bool begun_ = false;
  std::string block_;  // of the object; not yet decompressed from at_ on
  size_t at_ = 0;
  std::unique_ptr<arrow::util::Codec> codec_;  // none: the bytes are as they are
  std::shared_ptr<arrow::util::Decompressor> decompressor_;
  bool member_open_ = false;
};

}  // namespace firn
