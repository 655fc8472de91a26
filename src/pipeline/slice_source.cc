#include "pipeline/slice_source.h"

#include <algorithm>
#include <numeric>

namespace firn {
namespace {

// Of the rows that `keep` marks (nullptr: all), only numbers first .. first + count.
std::vector<uint8_t> KeepRange(const uint8_t* keep, int64_t rows, int64_t first, int64_t count) {
  std::vector<uint8_t> part(static_cast<size_t>(rows), 0);
  int64_t rank = 0;
  for (int64_t row = 0; row < rows && rank < first + count; ++row) {
    if (keep != nullptr && keep[row] == 0) continue;
    part[static_cast<size_t>(row)] = rank >= first ? 1 : 0;
    ++rank;
  }
  return part;
}

}  // namespace

Result<std::optional<ChunkSource>> OpenSource(ObjectStore& store, const ScannedFile& file) {
  if (file.input.rows != nullptr) return std::nullopt;
  FIRN_TRY_ASSIGN(ChunkSource source, ChunkSource::Open(store, file.input.object));
  return source;
}

Result<OpenSlice> OpenSlice::Open(ObjectStore& store, const ScannedFile& file, const Slice& slice,
                                  const std::vector<LeafMapping>& mappings) {
  FIRN_TRY_ASSIGN(auto source, OpenSource(store, file));
  OpenSlice open(std::move(source), file, slice.group);
  const auto group = static_cast<size_t>(slice.group);
  open.mappings_ = &mappings;
  open.rows_ = file.group_rows[group];
  if (!file.keep.empty())
    open.keep_ =
        file.keep.data() + std::accumulate(file.group_rows.begin(), file.group_rows.begin() + slice.group, int64_t{0});
  if (slice.first == 0 && slice.count == file.group_kept[group]) {
    if (slice.count == open.rows_) open.keep_ = nullptr;
    return open;
  }
  open.own_keep_ = KeepRange(open.keep_, open.rows_, slice.first, slice.count);
  open.keep_ = open.own_keep_.data();
  return open;
}

void OpenSlice::Read(LeafReader& reader, size_t leaf, const LeafSink& sink) const {
  reader.Read(Group(), (*mappings_)[leaf], keep_, rows_, sink);
}

void OpenSlice::ReadFirst(LeafReader& reader, size_t leaf, int64_t rows, const LeafSink& sink) const {
  reader.ReadFirst(Group(), (*mappings_)[leaf], keep_, rows_, std::min(rows, rows_), sink);
}

int64_t OpenSlice::EncodedBytes(size_t leaf) const {
  const int source = (*mappings_)[leaf].source;
  if (source < 0) return 0;
  const RowGroupSource group = Group();
  constexpr int64_t kBytesOfValue = 8;
  return group.rows != nullptr ? rows_ * kBytesOfValue : group.chunks[static_cast<size_t>(source)].bytes;
}

Result<ShapeMappings> ShapeMappings::Of(const Scan& scan, const ParquetLayout& output) {
  ShapeMappings all;
  for (const ScannedFile& file : scan.files) {
    if (file.bad() || all.mappings_.contains(file.shape)) continue;
    const FileShape& shape = *file.shape;
    auto mapped = MapLeaves(*shape.descriptor, shape.leaves, output.descriptor(), output.leaves());
    if (!mapped) return std::unexpected(std::move(mapped.error()).Within(file.input.object.key));
    all.mappings_.emplace(&shape, std::move(*mapped));
  }
  return all;
}

}  // namespace firn
