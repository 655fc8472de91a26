#pragma once

#include <arrow/util/compression.h>
#include <parquet/types.h>

#include <map>
#include <memory>
#include <span>

#include "format/chunk_source.h"

namespace firn {

// One page of a column chunk, decompressed.
struct ColumnPage {
  bool is_dictionary = false;
  bool is_v2 = false;  // its levels are apart from its values
  int32_t values = 0;  // and NULLs
  parquet::Encoding::type encoding = parquet::Encoding::PLAIN;
  parquet::Encoding::type def_encoding = parquet::Encoding::RLE;  // first version
  parquet::Encoding::type rep_encoding = parquet::Encoding::RLE;  // first version
  std::span<const uint8_t> rep_levels;                            // second version
  std::span<const uint8_t> def_levels;                            // second version
  std::span<const uint8_t> bytes;                                 // second version: values alone
};

// Walks the pages of one column chunk after another: the work of parquet::PageReader, without its allocations, which
// cost more than the pages of a small file do. Pages that carry a checksum are held against it. Keeps its buffers from
// chunk to chunk: one a thread. Throws parquet::ParquetException.
class PageStream {
 public:
  // `chunk` outlives the walk.
  void Begin(std::string_view chunk, const ChunkPlace& place);
  // The next page of data or of a dictionary; nullptr at the end, which is where the footer says. A page of data is
  // valid until the next call, one of a dictionary until the next dictionary.
  const ColumnPage* Next();

 private:
  struct Header;
  class Buffer {
   public:
    std::span<uint8_t> Room(size_t size) {
      if (size > size_) {
        bytes_ = std::make_unique_for_overwrite<uint8_t[]>(size);
        size_ = size;
      }
      return {bytes_.get(), size};
    }
    // One huge page is no reason to stay huge.
    void Trim() {
      constexpr size_t kMostKept = size_t{8} << 20;
      if (size_ > kMostKept) *this = {};
    }

   private:
    std::unique_ptr<uint8_t[]> bytes_;
    size_t size_ = 0;
  };

  Header TakeHeader();
  std::span<const uint8_t> TakeBytes(const Header& header);
  void CheckEnd();
  void OpenDictionary(const Header& header, std::span<const uint8_t> stored);
  void OpenData(const Header& header, std::span<const uint8_t> stored);
  void OpenDataV2(const Header& header, std::span<const uint8_t> stored);
  std::span<const uint8_t> Decompress(std::span<const uint8_t> stored, int64_t size, Buffer& buffer);

  std::string_view left_;    // of the chunk
  int64_t values_left_ = 0;  // of those that the footer claims
  parquet::Compression::type codec_ = parquet::Compression::UNCOMPRESSED;
  bool always_compressed_ = false;
  std::map<parquet::Compression::type, std::unique_ptr<arrow::util::Codec>> codecs_;
  Buffer dictionary_;
  Buffer data_;
  ColumnPage page_;
};

}  // namespace firn
