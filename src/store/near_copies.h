#pragma once

#include <optional>

#include "store/object_key.h"
#include "store/object_store.h"

namespace firn {

// Copies on this machine of objects of a lake that is far away, as their readers see them. Thread-safe.
class NearCopies {
 public:
  virtual ~NearCopies() = default;
  // Bytes of the copy of just this version; nothing when there is none. kIo when the copy was cut off.
  virtual Result<std::optional<Bytes>> ReadCopy(const ObjectInfo& object, ByteRange range) = 0;
};

// So many bytes of a file, from `offset`, for ReadCopy. kIo when there are fewer.
[[nodiscard]] Result<Bytes> ReadCopiedBytes(int file, const ObjectInfo& object, int64_t offset, int64_t length);

}  // namespace firn
