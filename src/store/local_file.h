#pragma once

#include <sys/stat.h>

#include <string_view>

#include "store/object_store.h"

namespace firn {

// What fstat(2) says of a regular file, as the version of an object.
[[nodiscard]] ObjectInfo InfoOf(ObjectKey key, const struct stat& facts);

// Reads up to `length` bytes from `offset` into `data`; fewer only at the end of the file. kIo.
Result<int64_t> ReadFully(int file, std::string_view key, int64_t offset, int64_t length, char* data);

}  // namespace firn
