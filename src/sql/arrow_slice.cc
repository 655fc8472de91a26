#include "sql/arrow_slice.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace firn {
namespace {

bool IsStruct(const ArrowSchema& schema) {
  return std::string_view(schema.format) == "+s" && schema.dictionary == nullptr;
}
// Lists, maps and fixed-size lists: their rows say where their child's rows are.
bool IsList(const ArrowSchema& schema) {
  const std::string_view format = schema.format;
  return format.starts_with("+l") || format.starts_with("+L") || format.starts_with("+m") || format.starts_with("+w") ||
         format.starts_with("+v");
}

// The caller owns the buffers.
void ReleaseNothing(ArrowArray* array) {
  array->release = nullptr;
}

// Zeroes stand for every buffer of an array without rows: first offsets are read even then.
constexpr std::array<int64_t, 8> kZeroes = {};

}  // namespace

ArrowArray* ArrowSlices::Copy(const ArrowArray& array) {
  ArrowArray& copy = arrays_.emplace_back(array);
  copy.release = ReleaseNothing;
  copy.private_data = nullptr;
  // "Unknown" (-1) reads as "none" where DuckDB decodes a dictionary; of a slice it is unknown. It asks only whether
  // there may be any.
  if (copy.null_count != 0) copy.null_count = std::max<int64_t>(copy.length, 1);
  return &copy;
}

ArrowArray** ArrowSlices::Keep(std::vector<ArrowArray*> children) {
  return children_.emplace_back(std::move(children)).data();
}

const void* ArrowSlices::RepackBits(const void* bits, int64_t start, int64_t length) {
  std::vector<uint8_t>& packed = bitmaps_.emplace_back(static_cast<size_t>((length + 7) / 8 + 8));
  const auto* from = static_cast<const uint8_t*>(bits);
  for (int64_t i = 0; i < length; ++i) {
    const int64_t at = start + i;
    if ((from[at / 8] >> (at % 8) & 1) != 0) packed[static_cast<size_t>(i / 8)] |= static_cast<uint8_t>(1U << (i % 8));
  }
  return packed.data();
}

// Inside a list DuckDB ignores a struct's offset for its children: it moves into them, and the struct keeps its own for
// its validity.
ArrowArray* ArrowSlices::PushDown(const ArrowSchema& schema, const ArrowArray& array, int64_t shift) {
  ArrowArray* copy = Copy(array);
  copy->offset += shift;
  if (array.n_children == 0) return copy;
  std::vector<ArrowArray*> children;
  for (int64_t i = 0; i < array.n_children; ++i)
    children.push_back(PushDown(*schema.children[i], *array.children[i], IsStruct(schema) ? copy->offset : 0));
  copy->children = Keep(std::move(children));
  return copy;
}

ArrowArray* ArrowSlices::SliceStruct(const ArrowSchema& schema, const ArrowArray& array, int64_t start,
                                     int64_t length) {
  ArrowArray* slice = Copy(array);
  slice->offset = 0;
  slice->length = length;
  if (array.null_count != 0 && array.n_buffers > 0 && array.buffers[0] != nullptr) {
    const void* bits = RepackBits(array.buffers[0], array.offset + start, length);
    slice->buffers = buffers_.emplace_back(std::vector<const void*>{bits}).data();
  }
  std::vector<ArrowArray*> children;
  for (int64_t i = 0; i < array.n_children; ++i)
    children.push_back(Slice(*schema.children[i], *array.children[i], array.offset + start, length));
  slice->children = Keep(std::move(children));
  return slice;
}

ArrowArray* ArrowSlices::Slice(const ArrowSchema& schema, const ArrowArray& array, int64_t start, int64_t length) {
  if (IsStruct(schema)) return SliceStruct(schema, array, start, length);
  ArrowArray* slice = IsList(schema) ? PushDown(schema, array, start) : Copy(array);
  if (!IsList(schema)) slice->offset += start;
  slice->length = length;
  return slice;
}

ArrowArray* ArrowSlices::Struct(std::vector<ArrowArray*> children, int64_t length) {
  ArrowArray& parent = arrays_.emplace_back();
  parent = {};
  parent.length = length;
  parent.n_buffers = 1;
  parent.buffers = buffers_.emplace_back(std::vector<const void*>{nullptr}).data();
  parent.n_children = static_cast<int64_t>(children.size());
  parent.children = Keep(std::move(children));
  parent.release = ReleaseNothing;
  return &parent;
}

ArrowArray* ArrowSlices::Empty(const ArrowSchema& schema) {
  ArrowArray& empty = arrays_.emplace_back();
  empty = {};
  empty.n_buffers = 4;
  empty.buffers =
      buffers_.emplace_back(std::vector<const void*>{nullptr, kZeroes.data(), kZeroes.data(), kZeroes.data()}).data();
  std::vector<ArrowArray*> children;
  for (int64_t i = 0; i < schema.n_children; ++i) children.push_back(Empty(*schema.children[i]));
  empty.n_children = schema.n_children;
  empty.children = Keep(std::move(children));
  if (schema.dictionary != nullptr) empty.dictionary = Empty(*schema.dictionary);
  empty.release = ReleaseNothing;
  return &empty;
}

void ArrowSlices::Clear() {
  arrays_.clear();
  children_.clear();
  buffers_.clear();
  bitmaps_.clear();
}

}  // namespace firn
