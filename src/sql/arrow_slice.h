#pragma once

#include <arrow/c/abi.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace firn {

// Views of row ranges of Arrow arrays, made so that DuckDB reads them right: it adds only the direct parent's offset to
// a struct's child, so a slice must leave no offset on a struct. Views share the original's buffers and own nothing but
// what this object keeps; they live as long as it.
class ArrowSlices {
 public:
  // Rows [start, start + length) of `array`, whose type is `schema`.
  ArrowArray* Slice(const ArrowSchema& schema, const ArrowArray& array, int64_t start, int64_t length);
  // A struct of the given children.
  ArrowArray* Struct(std::vector<ArrowArray*> children, int64_t length);
  // An array of no rows of that type.
  ArrowArray* Empty(const ArrowSchema& schema);
  void Clear();

 private:
  ArrowArray* SliceStruct(const ArrowSchema& schema, const ArrowArray& array, int64_t start, int64_t length);
  ArrowArray* PushDown(const ArrowSchema& schema, const ArrowArray& array, int64_t shift);
  ArrowArray* Copy(const ArrowArray& array);
  const void* RepackBits(const void* bits, int64_t start, int64_t length);
  ArrowArray** Keep(std::vector<ArrowArray*> children);

  std::deque<ArrowArray> arrays_;
  std::deque<std::vector<ArrowArray*>> children_;
  std::deque<std::vector<const void*>> buffers_;
  std::deque<std::vector<uint8_t>> bitmaps_;
};

}  // namespace firn
