#pragma once

#include <arrow/type_fwd.h>
#include <parquet/schema.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "format/column_decoder.h"

namespace firn {

// Levels and values of the leaves of rows that are in memory, as ColumnDecoder gives those of pages: so that both are
// read by the same code. One a thread.
class ArrayDecoder {
 public:
  // Whether values of the type can be given as Parquet's writer would store them. Those that cannot are rare: fixed
  // binary, extensions, seconds, halves.
  static bool Reads(const arrow::DataType& type);

  // The leaf of the number `leaf` of the rows; `column` is what parquet::arrow::ToParquetSchema makes of it. Both
  // outlive the decoding.
  void Begin(const arrow::RecordBatch& rows, int leaf, const parquet::ColumnDescriptor& column);

  // As ColumnDecoder: what Read found is valid until the next Read.
  template <class Physical>
  [[nodiscard]] bool HasNext() const {
    return next_ < levels_;
  }
  template <class Physical>
  ColumnDecoder::Batch Read(int64_t most, int16_t* def, int16_t* rep, typename Physical::c_type* values);

  // There are none: values are as they are.
  template <class Physical>
  [[nodiscard]] const typename Physical::c_type* dictionary() const {
    return nullptr;
  }
  [[nodiscard]] static int64_t dictionary_size() { return 0; }

 private:
  // What is above the leaf, from the column down: structs and the repeated. The leaf is the last.
  struct Step {
    std::shared_ptr<arrow::Array> array;
    bool nullable;
    bool is_list;  // or map: its values are those of the next step
  };
  void AddSteps(const std::shared_ptr<arrow::Array>& array, bool nullable, int leaf);
  void AddListSteps(const arrow::Array& list, int leaf);
  void MakeLevels();
  void Walk(size_t step, int64_t at, int16_t def, int16_t rep, int16_t lists);
  int64_t ReadFlat(int64_t count, int16_t* def);
  int64_t ReadRepeated(int64_t count, int16_t* def, int16_t* rep);
  template <class Physical>
  void CopyValues(int64_t count, typename Physical::c_type* values);

  std::vector<Step> steps_;
  const arrow::Array* leaf_ = nullptr;
  int16_t max_def_ = 0;
  bool repeated_ = false;
  bool has_nulls_ = false;
  int64_t levels_ = 0;
  int64_t next_ = 0;
  std::vector<int16_t> def_;  // of a repeated leaf: all levels
  std::vector<int16_t> rep_;
  std::vector<int64_t> found_;  // of a repeated leaf: where each value is in the leaf's array
  int64_t next_found_ = 0;
  const int64_t* at_ = nullptr;  // where the values of the open batch are; nullptr: one after the other from first_
  int64_t first_ = 0;
  std::vector<int64_t> places_;  // what at_ points to
  std::vector<uint8_t> bytes_;   // what FIXED_LEN_BYTE_ARRAY values point to
};

}  // namespace firn
