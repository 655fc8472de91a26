#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "format/leaf_mapping.h"
#include "format/parquet_output.h"
#include "pipeline/split.h"

namespace firn {

// The object of a file, or nothing when its rows are in memory. kMismatch and kNotFound as ObjectStore::Read.
Result<std::optional<ChunkSource>> OpenSource(ObjectStore& store, const ScannedFile& file);

// One slice, open and ready to be read leaf by leaf: by several threads at once, each leaf by one.
class OpenSlice {
 public:
  // The file outlives the slice. kMismatch and kNotFound as ObjectStore::Read.
  static Result<OpenSlice> Open(ObjectStore& store, const ScannedFile& file, const Slice& slice,
                                const std::vector<LeafMapping>& mappings);

  // Hands the slice's rows of output leaf `leaf` to `sink`. Throws parquet::ParquetException.
  void Read(LeafReader& reader, size_t leaf, const LeafSink& sink) const;
  // Those of the row group's first `rows` rows at least.
  void ReadFirst(LeafReader& reader, size_t leaf, int64_t rows, const LeafSink& sink) const;
  // Size of the leaf's column chunk in the file, roughly when that is in memory; 0 when the file lacks it.
  [[nodiscard]] int64_t EncodedBytes(size_t leaf) const;
  [[nodiscard]] const ObjectKey& key() const { return file_->input.object.key; }

 private:
  OpenSlice(std::optional<ChunkSource> source, const ScannedFile& file, int group)
      : source_(std::move(source)), file_(&file), group_(group) {}
  [[nodiscard]] RowGroupSource Group() const { return file_->Group(source_ ? &*source_ : nullptr, group_); }

  std::optional<ChunkSource> source_;
  const ScannedFile* file_;
  int group_;
  const std::vector<LeafMapping>* mappings_ = nullptr;
  const uint8_t* keep_ = nullptr;  // of the row group's rows; nullptr: all
  std::vector<uint8_t> own_keep_;  // when the slice is a part of what the row group keeps
  int64_t rows_ = 0;               // of the row group
};

// How each shape's leaves become the output's. Worked out once a run.
class ShapeMappings {
 public:
  // kMismatch names the file and the column.
  static Result<ShapeMappings> Of(const Scan& scan, const ParquetLayout& output);
  // Of a shape that one of the scan's files has; bad files do not count.
  [[nodiscard]] const std::vector<LeafMapping>& operator[](const FileShape& shape) const {
    return mappings_.at(&shape);
  }

 private:
  std::unordered_map<const FileShape*, std::vector<LeafMapping>> mappings_;
};

}  // namespace firn
