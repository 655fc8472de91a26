#pragma once

#include <parquet/column_writer.h>

#include <string_view>
#include <unordered_map>
#include <vector>

#include "format/byte_arena.h"
#include "format/leaf_reader.h"

namespace firn {

// One column chunk of strings that repeat, gathered as numbers of its distinct values. Parquet then takes its
// dictionary and its statistics from the distinct values instead of from every row, which costs most of writing such a
// column. Not thread-safe.
class DictionaryColumn {
 public:
  // Takes the batch; false when it cannot, and then nothing of it: it has NULLs, of which Parquet's statistics of
  // gathered values would be too wide, or too many distinct values.
  bool Add(const LeafBatch& batch);
  // Hands over what was gathered, and forgets it. Throws parquet::ParquetException.
  void WriteTo(parquet::ColumnWriter& writer);

 private:
  // Beyond it, gathering costs what Parquet's own dictionary does.
  static constexpr size_t kMostValues = 16'384;

  int32_t NumberOf(const parquet::ByteArray& value);

  std::vector<int32_t> numbers_;  // one a row
  std::vector<std::string_view> values_;
  std::unordered_map<std::string_view, int32_t> number_of_;
  std::vector<int32_t> number_of_entry_;  // of the batch's dictionary; -1: not asked yet
  ByteArena bytes_;
};

}  // namespace firn
