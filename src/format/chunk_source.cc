#include "format/chunk_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "format/bytes_buffer.h"
#include "format/parquet_guard.h"

namespace firn {
namespace {

// Mistakes of old writers.
struct Writer {
  bool forgets_header = false;      // PARQUET-816: a chunk's size leaves out the dictionary page's header
  bool denies_compression = false;  // ARROW-10353: compressed pages of the second version say that they are not
};

ChunkPlace PlaceOf(const parquet::ColumnChunkMetaData& chunk, const Writer& writer, int64_t file_size) {
  if (chunk.crypto_metadata() != nullptr) throw parquet::ParquetException("its columns are encrypted");
  const int64_t offset = FirstPageOf(chunk);
  int64_t bytes = chunk.total_compressed_size();
  if (offset < 0 || bytes < 0 || offset > file_size || bytes > file_size - offset)
    throw parquet::ParquetException(
        fmt::format("the footer claims a column of {} bytes at {} in a file of {}", bytes, offset, file_size));
  if (writer.forgets_header) bytes = std::min(bytes + kForgottenHeaderBytes, file_size - offset);
  const int64_t levels = chunk.num_values();
  if (levels < 0 || levels > std::numeric_limits<uint32_t>::max())
    throw parquet::ParquetException(fmt::format("the footer claims a column of {} values", levels));
  return {.offset = offset,
          .bytes = bytes,
          .levels = static_cast<uint32_t>(levels),
          .codec = static_cast<uint8_t>(chunk.compression()),
          .always_compressed = writer.denies_compression};
}

}  // namespace

int64_t FirstPageOf(const parquet::ColumnChunkMetaData& chunk) {
  const bool has_dictionary = chunk.has_dictionary_page() && chunk.dictionary_page_offset() > 0;
  return has_dictionary ? std::min(chunk.data_page_offset(), chunk.dictionary_page_offset()) : chunk.data_page_offset();
}

std::vector<ChunkPlace> ChunksOf(const parquet::FileMetaData& metadata, int64_t file_size) {
  const parquet::ApplicationVersion& version = metadata.writer_version();
  const Writer writer{
      .forgets_header = version.VersionLt(parquet::ApplicationVersion::PARQUET_816_FIXED_VERSION()),
      .denies_compression = version.VersionLt(parquet::ApplicationVersion::PARQUET_CPP_10353_FIXED_VERSION())};
  std::vector<ChunkPlace> chunks;
  chunks.reserve(static_cast<size_t>(metadata.num_row_groups()) * static_cast<size_t>(metadata.num_columns()));
  for (int g = 0; g < metadata.num_row_groups(); ++g) {
    const auto group = metadata.RowGroup(g);
    if (group->num_columns() != metadata.num_columns())
      throw parquet::ParquetException(
          fmt::format("a row group has {} columns, the schema {}", group->num_columns(), metadata.num_columns()));
    for (int c = 0; c < metadata.num_columns(); ++c)
      chunks.push_back(PlaceOf(*group->ColumnChunk(c), writer, file_size));
  }
  return chunks;
}

Result<ChunkSource> ChunkSource::Open(ObjectStore& store, const ObjectInfo& object) {
  ChunkSource source(store, object);
  if (object.size > kWholeReadBytes) return source;
  FIRN_TRY_ASSIGN(Bytes bytes, store.Read(object));
  source.whole_ = std::move(bytes);
  return source;
}

ChunkBytes ChunkSource::Read(const ChunkPlace& chunk) const {
  if (whole_)
    return ChunkBytes(whole_->view().substr(static_cast<size_t>(chunk.offset), static_cast<size_t>(chunk.bytes)));
  auto read = store_->ReadRange(object_, chunk.offset, chunk.bytes);
  if (!read) throw StoreFailure(std::move(read.error()));
  return ChunkBytes(std::move(*read));
}

}  // namespace firn
