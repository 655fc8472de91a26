#pragma once

#include <functional>
#include <vector>

#include "format/array_decoder.h"
#include "format/byte_arena.h"
#include "format/chunk_source.h"
#include "format/column_decoder.h"
#include "format/leaf_mapping.h"

namespace firn {

// Some whole rows of one leaf, in the output's levels and physical type. Valid during the call that hands it out.
struct LeafBatch {
  int64_t levels = 0;
  int64_t rows = 0;
  const int16_t* def = nullptr;
  const int16_t* rep = nullptr;  // all 0 when the leaf is not repeated: then levels == rows
  int64_t values = 0;
  const void* data = nullptr;  // `values` values of the output's physical type
  // What the file says of values that repeat: data[i] is dictionary[numbers[i]]. nullptr: nothing.
  const int32_t* numbers = nullptr;
  const void* dictionary = nullptr;
  int64_t dictionary_size = 0;
};
using LeafSink = std::function<void(const LeafBatch&)>;

// Decodes one leaf of one row group, of a file or of rows in memory, keeps the wanted rows, and converts what is left.
// Holds the buffers and decoders that calls share: one a thread. The schemas of what it read outlive it.
class LeafReader {
 public:
  // keep: one byte for each of the row group's `rows`, or nullptr for all. Throws parquet::ParquetException when the
  // column does not hold exactly `rows` rows.
  void Read(const RowGroupSource& group, const LeafMapping& mapping, const uint8_t* keep, int64_t rows,
            const LeafSink& sink) {
    ReadFirst(group, mapping, keep, rows, rows, sink);
  }
  // Of the first `most` rows at least: for samples.
  void ReadFirst(const RowGroupSource& group, const LeafMapping& mapping, const uint8_t* keep, int64_t rows,
                 int64_t most, const LeafSink& sink);

 private:
  struct Task;
  template <class Decoder>
  void ReadFrom(Decoder& decoder, const Task& task);
  template <class Physical, class Decoder>
  void ReadAs(Decoder& decoder, const Task& task);
  template <class Physical, class Decoder>
  void ReadFlat(Decoder& decoder, const Task& task);
  template <class Physical, class Decoder>
  void ReadRepeated(Decoder& decoder, const Task& task);
  void EmitNulls(const Task& task);
  void Emit(const Task& task, LeafBatch batch);

  ColumnDecoder decoder_;
  ArrayDecoder array_decoder_;
  std::vector<int16_t> def_;
  std::vector<int16_t> rep_;
  std::vector<int16_t> kept_def_;
  std::vector<int16_t> kept_rep_;
  ValueBuffer values_;
  ValueBuffer kept_values_;
  ByteArena bytes_;
  ConversionScratch conversion_;
};

}  // namespace firn
