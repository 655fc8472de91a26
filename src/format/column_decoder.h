#pragma once

#include <parquet/column_reader.h>
#include <parquet/encoding.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "format/page_stream.h"

namespace firn {

// Memory for values of a type that is known only where it is used.
class ValueBuffer {
 public:
  // For `count` values; what was in it stays, when it was of the same type.
  template <class T>
  T* Room(int64_t count) {
    const size_t bytes = static_cast<size_t>(count) * sizeof(T);
    if (bytes_.size() < bytes) bytes_.resize(std::max(bytes, bytes_.size() * 2));
    return reinterpret_cast<T*>(bytes_.data());
  }
  template <class T>
  [[nodiscard]] const T* As() const {
    return reinterpret_cast<const T*>(bytes_.data());
  }
  // One huge use is no reason to stay huge.
  void Trim() {
    constexpr size_t kMostKept = size_t{8} << 20;
    if (bytes_.size() > kMostKept) bytes_ = {};
  }

 private:
  std::vector<char> bytes_;
};

// Levels and values of one column chunk after another: the work of parquet::ColumnReader, with the library's decoders,
// which it keeps from chunk to chunk, and with dictionaries in the open. One a thread. Columns that were begun outlive
// it. Throws parquet::ParquetException.
class ColumnDecoder {
 public:
  ColumnDecoder() = default;
  ColumnDecoder(const ColumnDecoder&) = delete;
  ColumnDecoder& operator=(const ColumnDecoder&) = delete;
  ~ColumnDecoder();

  // `chunk` outlives the decoding of it.
  void Begin(std::string_view chunk, const ChunkPlace& place, const parquet::ColumnDescriptor& column);

  // Whether there is something left; turns the page when one is used up.
  template <class Physical>
  bool HasNext();

  // What Read found. Values point into the page.
  struct Batch {
    int64_t levels = 0;
    int64_t values = 0;
    int32_t* numbers =
        nullptr;  // of the values in the dictionary, the caller's to change; nullptr: values were written
  };
  // After HasNext: at most `most` levels, all of one page. `def` is left alone in a column without definition levels,
  // `rep` in one without repetition; `values` where numbers are given instead.
  template <class Physical>
  Batch Read(int64_t most, int16_t* def, int16_t* rep, typename Physical::c_type* values);

  // Valid until the next HasNext.
  template <class Physical>
  [[nodiscard]] const typename Physical::c_type* dictionary() const {
    return dictionary_.As<typename Physical::c_type>();
  }
  [[nodiscard]] int64_t dictionary_size() const { return dictionary_size_; }

 private:
  // The decoders of one column, by encoding.
  struct Decoders {
    virtual ~Decoders() = default;
  };
  template <class Physical>
  struct DecodersOf : Decoders {
    std::array<std::unique_ptr<parquet::TypedDecoder<Physical>>, parquet::Encoding::BYTE_STREAM_SPLIT + 1> by_encoding;
  };
  template <class Physical>
  parquet::TypedDecoder<Physical>& DecoderFor(parquet::Encoding::type encoding);
  template <class Physical>
  void OpenDictionary(const ColumnPage& page);
  template <class Physical>
  void OpenData(const ColumnPage& page);
  std::span<const uint8_t> OpenLevels(const ColumnPage& page);
  void ReadNumbers(int64_t count);

  PageStream pages_;
  const parquet::ColumnDescriptor* column_ = nullptr;
  std::unordered_map<const parquet::ColumnDescriptor*, std::unique_ptr<Decoders>> decoders_;
  parquet::LevelDecoder def_;
  parquet::LevelDecoder rep_;
  std::unique_ptr<parquet::DictDecoder<parquet::Int32Type>> numbers_decoder_;  // reads numbers, of whatever type
  std::vector<int32_t> numbers_;
  ValueBuffer dictionary_;
  int64_t dictionary_size_ = -1;  // -1: the chunk has none so far
  bool by_number_ = false;        // the open page holds numbers of the dictionary
  parquet::Encoding::type encoding_ = parquet::Encoding::PLAIN;
  int64_t left_ = 0;  // levels of the open page
};

}  // namespace firn
