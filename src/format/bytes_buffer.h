#pragma once

#include <arrow/buffer.h>

#include <utility>

#include "store/object_store.h"

namespace firn {

// Up to here one request for a whole object is cheaper than a request for each column.
inline constexpr int64_t kWholeReadBytes = 8 << 20;

// Bytes of a store as a buffer of Arrow's.
class BytesBuffer : public arrow::Buffer {
 public:
  explicit BytesBuffer(Bytes bytes)
      : Buffer(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<int64_t>(bytes.size())),
        bytes_(std::move(bytes)) {}

 private:
  Bytes bytes_;
};

}  // namespace firn
